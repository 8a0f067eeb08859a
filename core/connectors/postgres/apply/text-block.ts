const FIRST_BYTES = 512 * 1024;
/** What one UTF-16 unit takes in UTF-8 at most. */
const BYTES_A_UNIT = 3;
/** Some for each of two sessions: what is sent, and what is made meanwhile. */
const MOST_SPARE = 4;
const MOST_SPARE_BYTES = 4 * FIRST_BYTES;

const spare: Buffer[] = [];

/**
 * Gathers text as bytes. Each piece is turned into bytes at once: kept as a text until the end, thousands of rows would
 * be copied by the garbage collector again and again, which costs as much as making them. The memory is used again: left
 * to the collector, which does not see how large it is, that of a hundred blocks would wait for it.
 */
export class TextBlock {
  #bytes: Buffer;
  #length = 0;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static taken(): TextBlock {
    return new TextBlock(spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES));
  }

  append(text: string): void {
    const needed = this.#length + text.length * BYTES_A_UNIT;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** What was gathered; nothing may be appended after it. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Nobody may read the bytes any more: the server has taken them. */
  giveBack(): void {
    if (spare.length < MOST_SPARE && this.#bytes.length <= MOST_SPARE_BYTES) spare.push(this.#bytes);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
