const FEWEST_BITS = 12;
/** 8 MB for each of the two maps: a million texts then take some 15,000 others for repeated, ten million a seventh of all. */
const MOST_BITS = 26;

/**
 * Tells which texts come at least twice, in bounded memory: never wrong about one that does, sometimes about one that
 * does not. So that what can be in nobody's way need not be sorted.
 */
export class RepeatFilter {
  readonly #seen: Uint32Array;
  readonly #repeated: Uint32Array;
  readonly #shift: number;
  #isEmpty = true;

  /** @param expected how many texts are to be expected */
  constructor(expected: number) {
    const bits = Math.ceil(Math.log2(expected * 64 + 1));
    const size = Math.min(MOST_BITS, Math.max(FEWEST_BITS, bits));
    this.#seen = new Uint32Array(2 ** (size - 5));
    this.#repeated = new Uint32Array(2 ** (size - 5));
    this.#shift = 32 - size;
  }

  /** No text was added at all. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(text: string): void {
    const bit = hashOf(text) >>> this.#shift;
    if (isSet(this.#seen, bit)) set(this.#repeated, bit);
    else set(this.#seen, bit);
    this.#isEmpty = false;
  }

  /** Marks a text as repeated if it was added, without adding it. */
  meet(text: string): void {
    const bit = hashOf(text) >>> this.#shift;
    if (isSet(this.#seen, bit)) set(this.#repeated, bit);
  }

  mayRepeat(text: string): boolean {
    return isSet(this.#repeated, hashOf(text) >>> this.#shift);
  }
}

function isSet(map: Uint32Array, bit: number): boolean {
  return (map[bit >>> 5]! & (1 << (bit & 31))) !== 0;
}

function set(map: Uint32Array, bit: number): void {
  map[bit >>> 5]! |= 1 << (bit & 31);
}

/** FNV-1a over the UTF-16 units, its bits spread at the end (the finalizer of MurmurHash3, shortened). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
