import { compareKeys } from '../../model/key-order.ts';

/**
 * How keys may be compared. JavaScript's own comparison of strings is several times as fast as `compareKeys` and agrees
 * with it as long as no key holds a UTF-16 unit from U+D800 on (surrogates, and what stands behind them).
 */
export interface KeyOrder {
  exact: boolean;
}

const NEEDS_EXACT = /[\ud800-\uffff]/;

/** Takes note of a key; to be called for each before it is compared. */
export function noteKey(order: KeyOrder, key: string): void {
  if (!order.exact && NEEDS_EXACT.test(key)) order.exact = true;
}

/** @returns negative, 0 or positive, as compareKeys does */
export function keyOrder(a: string, b: string, order: KeyOrder): number {
  if (order.exact) return compareKeys(a, b);
  return a < b ? -1 : a === b ? 0 : 1;
}
