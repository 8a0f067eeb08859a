import type { KeyComparison } from './key-comparison.ts';

/** A number of 53 bits holds so many characters of 8 bits above a position of 21 bits. */
const PREFIX = 4;
const MAX_POSITIONS = 1 << 21;
const MAX_UNIT = 0xff;

/**
 * The positions of `keys` in key order; equal keys in the order in which they stand.
 *
 * Comparing strings is what sorting costs. So keys are first sorted by the four characters behind what all have in
 * common, as plain numbers with the position in the low bits, which the runtime does natively; only keys that agree in
 * those are compared as strings. Where characters beyond U+00FF stand there, all are compared.
 */
export function sortPositions(keys: readonly string[], compare: KeyComparison): ArrayLike<number> {
  const byKey = (a: number, b: number) => compare(keys[a]!, keys[b]!) || a - b;
  const codes = keys.length <= MAX_POSITIONS ? prefixCodes(keys) : undefined;
  if (!codes) return Uint32Array.from(keys, (_key, i) => i).sort(byKey);
  codes.sort();
  const positions = Uint32Array.from(codes, (code) => code % MAX_POSITIONS);
  for (let start = 0; start < codes.length;) {
    const prefix = Math.floor(codes[start]! / MAX_POSITIONS);
    let end = start + 1;
    while (end < codes.length && Math.floor(codes[end]! / MAX_POSITIONS) === prefix) end++;
    if (end - start > 1) positions.subarray(start, end).sort(byKey);
    start = end;
  }
  return positions;
}

function prefixCodes(keys: readonly string[]): Float64Array | undefined {
  const skip = commonLength(keys);
  const codes = new Float64Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    let prefix = 0;
    for (let at = skip; at < skip + PREFIX; at++) {
      // A key that has ended sorts before one that goes on, even with NUL; those two then share a prefix and are compared.
      const unit = at < key.length ? key.charCodeAt(at) : 0;
      if (unit > MAX_UNIT) return undefined;
      prefix = prefix * (MAX_UNIT + 1) + unit;
    }
    codes[i] = prefix * MAX_POSITIONS + i;
  }
  return codes;
}

/** How many characters all keys begin with. */
function commonLength(keys: readonly string[]): number {
  const first = keys[0] ?? '';
  let length = first.length;
  for (const key of keys) {
    let same = 0;
    while (same < length && key.charCodeAt(same) === first.charCodeAt(same)) same++;
    length = same;
  }
  return length;
}
