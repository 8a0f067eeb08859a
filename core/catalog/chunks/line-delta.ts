import { compareKeys } from '../../model/key-order.ts';
import { keyAt, lineCount, type Lines } from './lines.ts';

/**
 * How one text comes out of another: steps of three lengths in bytes, `[drop, insert, copy]`, taken in turn from the old
 * text, the inserted text and the old text. Lengths are bytes, not lines, so that applying is copying.
 */
export interface Delta {
  readonly steps: readonly number[];
  readonly inserted: Buffer;
}

/** What changed between two texts that are both in key order. Lines are compared as bytes; keys only say what follows what. */
export function diffLines(before: Lines, after: Lines): Delta {
  const steps: number[] = [];
  const inserted: Buffer[] = [];
  const [oldCount, newCount] = [lineCount(before), lineCount(after)];
  let [drop, insert, copy] = [0, 0, 0];
  let [i, j] = [0, 0];
  const endCopy = () => {
    if (copy === 0) return;
    steps.push(drop, insert, copy);
    [drop, insert, copy] = [0, 0, 0];
  };
  while (i < oldCount || j < newCount) {
    const oldLength = i < oldCount ? before.starts[i + 1]! - before.starts[i]! : 0;
    const newLength = j < newCount ? after.starts[j + 1]! - after.starts[j]! : 0;
    if (oldLength === newLength && sameLine(before, i, after, j)) {
      copy += oldLength;
      i++;
      j++;
      continue;
    }
    endCopy();
    const order = i === oldCount ? 1 : j === newCount ? -1 : compareKeys(keyAt(before, i), keyAt(after, j));
    if (order <= 0) {
      drop += oldLength;
      i++;
    }
    if (order >= 0) {
      insert += newLength;
      inserted.push(after.plain.subarray(after.starts[j], after.starts[j + 1]));
      j++;
    }
  }
  if (drop + insert + copy > 0) steps.push(drop, insert, copy);
  return { steps, inserted: Buffer.concat(inserted) };
}

/**
 * Writes the new text into `result`, which has its size.
 *
 * @returns whether the steps fit the texts and give exactly that size
 */
export function applyDelta(old: Buffer, { steps, inserted }: Delta, result: Buffer): boolean {
  let [from, taken, at] = [0, 0, 0];
  for (let s = 0; s < steps.length; s += 3) {
    from += steps[s]!;
    const insert = steps[s + 1]!;
    const copy = steps[s + 2]!;
    if (from + copy > old.length || taken + insert > inserted.length || at + insert + copy > result.length)
      return false;
    inserted.copy(result, at, taken, taken + insert);
    old.copy(result, at + insert, from, from + copy);
    taken += insert;
    from += copy;
    at += insert + copy;
  }
  return at === result.length && taken === inserted.length;
}

/** The dropped parts of the old text: whoever can apply the delta can rebuild them. */
export function droppedText(old: Buffer, steps: readonly number[]): Buffer[] {
  const dropped: Buffer[] = [];
  let from = 0;
  for (let s = 0; s < steps.length; s += 3) {
    const drop = steps[s]!;
    if (drop > 0) dropped.push(old.subarray(from, from + drop));
    from += drop + steps[s + 2]!;
  }
  return dropped;
}

/** Bytes copied from `[start, end)` of the old text. */
export function copiedFrom(steps: readonly number[], start: number, end: number): number {
  let [from, copied] = [0, 0];
  for (let s = 0; s < steps.length; s += 3) {
    from += steps[s]!;
    const copy = steps[s + 2]!;
    copied += Math.max(0, Math.min(end, from + copy) - Math.max(start, from));
    from += copy;
  }
  return copied;
}

function sameLine(a: Lines, i: number, b: Lines, j: number): boolean {
  return a.plain.compare(b.plain, b.starts[j], b.starts[j + 1], a.starts[i], a.starts[i + 1]) === 0;
}
