/** A set of row numbers, one bit each: a million chunks take 125 kB. */
export class SeqSet {
  /** The largest number that it can hold. */
  readonly last: number;
  readonly #bits: Uint8Array;

  constructor(last: number) {
    this.last = last;
    this.#bits = new Uint8Array((last >>> 3) + 1);
  }

  copy(): SeqSet {
    const copy = new SeqSet(this.last);
    copy.#bits.set(this.#bits);
    return copy;
  }

  has(seq: number): boolean {
    return seq <= this.last && (this.#bits[seq >>> 3]! & (1 << (seq & 7))) !== 0;
  }

  /** @returns whether it was not there */
  add(seq: number): boolean {
    // What is beyond the end was stored since: whoever asks leaves it alone anyway.
    if (seq > this.last || this.has(seq)) return false;
    this.#bits[seq >>> 3]! |= 1 << (seq & 7);
    return true;
  }

  /** Harmless when it is not there. */
  delete(seq: number): void {
    if (seq <= this.last) this.#bits[seq >>> 3]! &= ~(1 << (seq & 7));
  }
}
