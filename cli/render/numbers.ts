export { bytes, counted, instant, integer, listed, seconds, theFirst } from '../../contract/numbers.ts';
