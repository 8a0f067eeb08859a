/** Entries a block: blocks are never copied, so that growing needs no room for two of them. */
const BLOCK = 16_384;
const FIRST_CAPACITY = 1_024;
/** Of the index, before it is doubled. */
const FULLEST = 0.75;

/**
 * A set of digests or ids of a fixed number of 32-bit words, numbered as they come; what they are must be evenly
 * distributed (random UUIDs, hashes). Takes the digests themselves and at most 11 bytes each for the index, where a `Set`
 * of texts takes more than a hundred.
 */
export class DigestSet {
  readonly #words: number;
  readonly #blocks: Uint32Array[] = [];
  /** Number of the entry + 1, or 0 for an empty slot. */
  #index = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  constructor(words: number) {
    this.#words = words;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns its number; a new one is the size of the set before */
  add(digest: Uint32Array): number {
    const slot = this.#slotOf(digest);
    const found = this.#index[slot]!;
    if (found > 0) return found - 1;
    const number = this.#size++;
    if (number % BLOCK === 0) this.#blocks.push(new Uint32Array(BLOCK * this.#words));
    this.#blocks.at(-1)!.set(digest, (number % BLOCK) * this.#words);
    this.#index[slot] = number + 1;
    if (this.#size > this.#index.length * FULLEST) this.#grow();
    return number;
  }

  at(number: number): Uint32Array {
    const from = (number % BLOCK) * this.#words;
    return this.#blocks[Math.floor(number / BLOCK)]!.subarray(from, from + this.#words);
  }

  #slotOf(digest: Uint32Array): number {
    const mask = this.#index.length - 1;
    for (let slot = digest[0]! & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#index[slot]!;
      if (entry === 0 || this.#equals(entry - 1, digest)) return slot;
    }
  }

  #equals(number: number, digest: Uint32Array): boolean {
    const block = this.#blocks[Math.floor(number / BLOCK)]!;
    const from = (number % BLOCK) * this.#words;
    for (let word = 0; word < this.#words; word++) if (block[from + word] !== digest[word]) return false;
    return true;
  }

  #grow(): void {
    this.#index = new Uint32Array(this.#index.length * 2);
    const mask = this.#index.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.at(number)[0]! & mask;
      while (this.#index[slot] !== 0) slot = (slot + 1) & mask;
      this.#index[slot] = number + 1;
    }
  }
}
