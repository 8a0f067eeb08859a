interface Entry {
  readonly plain: Buffer;
  /** Nobody outside refers to it for longer than a moment. */
  isPassing: boolean;
}

/**
 * Plaintexts proved lately, least recently used first out. Bounded in bytes; one larger than the bound is not kept.
 * Memory that nobody refers to any more is handed back when it is let go.
 */
export class DecodedCache {
  readonly #limit: number;
  readonly #release: (plain: Buffer) => void;
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;

  /** @param release is given the memory of passing texts that are let go */
  constructor(limitBytes: number, release: (plain: Buffer) => void) {
    this.#limit = limitBytes;
    this.#release = release;
  }

  /** @param isPassing false: whoever asks may hold on to it, so that its memory is never handed back */
  get(seq: number, isPassing: boolean): Buffer | undefined {
    const entry = this.#entries.get(seq);
    if (!entry) return undefined;
    entry.isPassing &&= isPassing;
    this.#entries.delete(seq);
    this.#entries.set(seq, entry);
    return entry.plain;
  }

  put(seq: number, plain: Buffer, isPassing: boolean): void {
    if (plain.length > this.#limit || this.#entries.has(seq)) return;
    this.#entries.set(seq, { plain, isPassing });
    this.#bytes += plain.length;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.plain.length;
      if (entry.isPassing) this.#release(entry.plain);
    }
  }
}
