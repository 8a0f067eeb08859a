/** Takes bytes out of a stream in the portions that the reader wants, whatever those are in which they come. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #head: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes, or all there are. For small numbers. */
  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part.length === 0) break;
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** At least one byte and at most so many; none at the end. */
  async some(most: number): Promise<Buffer> {
    while (this.#head.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) return this.#head;
      this.#head = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const part = this.#head.subarray(0, most);
    this.#head = this.#head.subarray(part.length);
    return part;
  }

  /** Everything that is left. */
  async *rest(): AsyncGenerator<Buffer> {
    for (;;) {
      const part = await this.some(Infinity);
      if (part.length === 0) return;
      yield part;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
