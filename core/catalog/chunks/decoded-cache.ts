interface Decoded {
  readonly plain: Buffer;
  /** Whether the plaintext was seen to have the name it is stored under. */
  proved: boolean;
}

/** Plaintexts decoded lately, least recently used first out. Bounded in bytes; one larger than the bound is not kept. */
export class DecodedCache {
  readonly #limit: number;
  readonly #entries = new Map<number, Decoded>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get(seq: number): Decoded | undefined {
    const entry = this.#entries.get(seq);
    if (entry) {
      this.#entries.delete(seq);
      this.#entries.set(seq, entry);
    }
    return entry;
  }

  put(seq: number, entry: Decoded): void {
    if (entry.plain.length > this.#limit || this.#entries.has(seq)) return;
    this.#entries.set(seq, entry);
    this.#bytes += entry.plain.length;
    for (const [oldest, { plain }] of this.#entries) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= plain.length;
    }
  }
}
