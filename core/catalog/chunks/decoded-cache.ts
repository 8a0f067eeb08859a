/** Plaintexts proved lately, least recently used first out. Bounded in bytes; one larger than the bound is not kept. */
export class DecodedCache {
  readonly #limit: number;
  readonly #entries = new Map<number, Buffer>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get(seq: number): Buffer | undefined {
    const plain = this.#entries.get(seq);
    if (plain) {
      this.#entries.delete(seq);
      this.#entries.set(seq, plain);
    }
    return plain;
  }

  put(seq: number, plain: Buffer): void {
    if (plain.length > this.#limit || this.#entries.has(seq)) return;
    this.#entries.set(seq, plain);
    this.#bytes += plain.length;
    for (const [oldest, { length }] of this.#entries) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= length;
    }
  }
}
