const LINE_BREAK = 0x0a;
const WINDOW = 4_096;

/** The lines of two texts without those that both begin and end with; each line has its break. */
export interface Middles {
  readonly left: Buffer;
  readonly right: Buffer;
}

/**
 * Cuts off the lines that two texts begin and end with in common. What changed in a chunk is mostly a line or two: only
 * these need to be told apart and looked at. The parts share the texts' memory.
 */
export function withoutCommonEnds(left: Buffer, right: Buffer): Middles {
  const start = lineStart(left, commonPrefix(left, right));
  const suffix = commonSuffix(left, right, Math.min(left.length, right.length) - start);
  // From the first whole line on: the bytes before it may belong to lines that differ.
  const firstBreak = left.indexOf(LINE_BREAK, left.length - suffix);
  const kept = suffix === 0 || firstBreak < 0 ? 0 : left.length - firstBreak - 1;
  return {
    left: left.subarray(start, left.length - kept),
    right: right.subarray(start, right.length - kept),
  };
}

function lineStart(text: Buffer, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf(LINE_BREAK, at - 1) + 1;
}

function commonPrefix(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at + WINDOW <= length && a.compare(b, at, at + WINDOW, at, at + WINDOW) === 0) at += WINDOW;
  while (at < length && a[at] === b[at]) at++;
  return at;
}

function commonSuffix(a: Buffer, b: Buffer, limit: number): number {
  let count = 0;
  const same = (more: number): boolean =>
    a.compare(b, b.length - count - more, b.length - count, a.length - count - more, a.length - count) === 0;
  while (count + WINDOW <= limit && same(WINDOW)) count += WINDOW;
  while (count < limit && a[a.length - count - 1] === b[b.length - count - 1]) count++;
  return count;
}
