const A = 0x41;
const Z = 0x5a;
const LOWER = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ASCII_END = 0x80;

/** The last fingerprint, two words: results without an object for each of a million texts. Never zero in the second. */
export let hash1 = 0;
export let hash2 = 0;

/**
 * Two hashes in the manner of FNV-1a over the UTF-16 units, their bits mixed at the end as in MurmurHash3. Made to be
 * quick, not to withstand anybody: texts that collide on purpose only cost time. Leaves them in `hash1` and `hash2`.
 */
export function fingerprint(text: string): void {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995) ^ (b >>> 15);
  }
  finish(a, b, text.length);
}

/**
 * `fingerprint` of a JSON text in lower case, from its bytes behind the opening quote.
 *
 * @returns where the closing quote is; -1 where there are escapes or letters beyond ASCII: then nothing was done
 */
export function fingerprintFolded(line: Buffer, from: number): number {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let at = from; at < line.length; at++) {
    let unit = line[at]!;
    if (unit === QUOTE) {
      finish(a, b, at - from);
      return at;
    }
    if (unit >= ASCII_END || unit === BACKSLASH) return -1;
    if (unit >= A && unit <= Z) unit |= LOWER;
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995) ^ (b >>> 15);
  }
  return -1;
}

function finish(a: number, b: number, length: number): void {
  hash1 = mixed(a ^ length);
  // Zero stands for an empty place.
  hash2 = (mixed(b) | 1) >>> 0;
}

function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
