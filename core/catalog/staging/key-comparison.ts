import { compareKeys } from '../../model/key-order.ts';

/** @returns negative, 0 or positive */
export type KeyComparison = (a: string, b: string) => number;

const NEEDS_EXACT = /[\ud800-\uffff]/;

/** Whether JavaScript's own comparison could place the key wrongly: it has surrogates, or what stands behind them. */
export function needsExact(key: string): boolean {
  return NEEDS_EXACT.test(key);
}

/** JavaScript's own comparison of strings: several times as fast, and right where no key needs the exact one. */
export function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

export function comparisonFor(exact: boolean): KeyComparison {
  return exact ? compareKeys : compareUnits;
}
