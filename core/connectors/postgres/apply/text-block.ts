const FIRST_BYTES = 512 * 1024;
/** What one UTF-16 unit takes in UTF-8 at most. */
const BYTES_A_UNIT = 3;

/**
 * Gathers text as bytes. Each piece is turned into bytes at once: kept as a text until the end, thousands of rows would
 * be copied by the garbage collector again and again, which costs as much as making them.
 */
export class TextBlock {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  append(text: string): void {
    const needed = this.#length + text.length * BYTES_A_UNIT;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** What was gathered; nothing may be appended after it. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
