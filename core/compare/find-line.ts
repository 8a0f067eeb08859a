import { compareKeys } from '../model/key-order.ts';
import type { LineKey } from './differing-lines.ts';

const LINE_BREAK = 0x0a;

/**
 * Where the line with this key begins, in a text of lines in key order, each with its break; -1 when there is none. A
 * binary search over the bytes: nothing need be known about where lines begin.
 */
export function findLine(text: Buffer, key: string, keyOf: LineKey): number {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = middle === 0 ? 0 : text.lastIndexOf(LINE_BREAK, middle - 1) + 1;
    const end = text.indexOf(LINE_BREAK, middle);
    const order = compareKeys(keyOf(text, start, end), key);
    if (order === 0) return start;
    if (order < 0) low = end + 1;
    else high = start;
  }
  return -1;
}
