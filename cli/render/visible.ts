export { quoted, visible, visibleJson, visibleLines } from '../../contract/visible.ts';
