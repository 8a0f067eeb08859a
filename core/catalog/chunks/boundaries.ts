/**
 * Where a chunk may end: after a record whose key's hash falls below a threshold, which rises with the chunk's size. The
 * steps keep sizes close together; a key that ends a chunk at one step does so at all later ones, so two sequences that
 * differ in a few records fall into step again at once.
 */
export interface CutRule {
  /** From `bytes` of plaintext on, one key in `oneIn` ends the chunk. Rising in bytes, falling in `oneIn`. */
  readonly steps: readonly { readonly bytes: number; readonly oneIn: number }[];
  /** No record is added that would bring the chunk beyond this, in bytes. A larger record is a chunk alone. */
  readonly maxBytes: number;
}

/** Records: about 123 KB a chunk at 300–500 bytes a record (PERFORMANCE: fewer, larger chunks leave more to look through). */
export const RECORD_CUTS: CutRule = {
  steps: [
    { bytes: 32 << 10, oneIn: 512 },
    { bytes: 112 << 10, oneIn: 64 },
    { bytes: 256 << 10, oneIn: 8 },
  ],
  maxBytes: 1 << 20,
};

/** Pages of a chunk list: about 200 chunks, 10 KB, so that one changed record rewrites one page of a long list. */
export const PAGE_CUTS: CutRule = {
  steps: [
    { bytes: 2 << 10, oneIn: 256 },
    { bytes: 8 << 10, oneIn: 32 },
  ],
  maxBytes: 64 << 10,
};

/** A hash of the key's UTF-16 units under a secret seed, spread over 32 bits (the mixing is MurmurHash3's). */
export function hashKey(key: string, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Whether a chunk of `bytes` ends after a record with this hash. */
export function endsChunk(rule: CutRule, bytes: number, hash: number): boolean {
  let oneIn = 0;
  for (const step of rule.steps) if (bytes >= step.bytes) oneIn = step.oneIn;
  return oneIn !== 0 && hash < 0x1_0000_0000 / oneIn;
}
