import { count } from './moments.ts';

/** At the end of a list that has only the first of many: that there are more, and how many. Empty where all are shown. */
export function andMore(all: number, shown: number): string {
  return all > shown ? `and ${count(all - shown)} more` : '';
}
