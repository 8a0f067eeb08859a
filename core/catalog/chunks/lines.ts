import { compareKeys } from '../../model/key-order.ts';
import type { LineKey } from './line-keys.ts';

/** The plaintext of a chunk: lines, each ended by a line break, in key order. */
export interface Lines {
  readonly plain: Buffer;
  /** Where each line begins, and at the end the length of the plaintext: one more than there are lines. */
  readonly starts: readonly number[];
  readonly keyOf: LineKey;
}

const LINE_BREAK = 0x0a;

export function splitLines(plain: Buffer, keyOf: LineKey): Lines {
  const starts = [0];
  for (let end = plain.indexOf(LINE_BREAK); end !== -1; end = plain.indexOf(LINE_BREAK, end + 1))
    starts.push(end + 1);
  return { plain, starts, keyOf };
}

export function lineCount(lines: Lines): number {
  return lines.starts.length - 1;
}

export function keyAt({ plain, starts, keyOf }: Lines, index: number): string {
  return keyOf(plain, starts[index]!, starts[index + 1]! - 1);
}

/** The line without its break; shares the plaintext's memory. */
export function lineAt({ plain, starts }: Lines, index: number): Buffer {
  return plain.subarray(starts[index], starts[index + 1]! - 1);
}

/** The last line whose key is not beyond `key`; -1 when all are. */
export function lastUpTo(lines: Lines, key: string): number {
  let [low, high] = [0, lineCount(lines)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keyAt(lines, middle), key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
