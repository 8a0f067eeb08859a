import { integer } from './numbers.ts';

/** Follows what is said to be lost, where the target does not tell of all of it whether there is any. */
export function ifThereIsOne(count: number, unseen: number | undefined): string {
  if (unseen === undefined || unseen === 0) return '';
  const which = unseen === count ? '' : `of ${integer(unseen)}: `;
  return ` (${which}if there is one, which the target does not tell)`;
}
