/**
 * The order of natural keys everywhere: the order of their UTF-8 bytes, which PostgreSQL's `COLLATE "C"` shares.
 * JavaScript's own `<` compares UTF-16 units, which differs where a surrogate meets U+E000–U+FFFF.
 *
 * @returns negative, 0 or positive
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? surrogatesLast(x) - surrogatesLast(y) : x - y;
  }
  return a.length - b.length;
}

/** Moves the surrogates (code points from U+10000) above U+E000–U+FFFF, as UTF-8 has them. */
function surrogatesLast(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
