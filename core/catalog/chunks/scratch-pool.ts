/** More than a chain needs at once are let go. */
const KEPT = 4;

/**
 * Memory for texts that are needed for a moment only. Rebuilding a chunk goes through the texts of its whole chain, and
 * buffers that size weigh on the garbage collector more than anything else a look-up does.
 */
export class ScratchPool {
  readonly #free: Buffer[] = [];

  take(bytes: number): Buffer {
    const found = this.#free.findIndex((buffer) => buffer.length >= bytes);
    const buffer =
      found === -1 ? Buffer.allocUnsafeSlow(bytes + (bytes >> 2)) : this.#free.splice(found, 1)[0]!;
    return buffer.subarray(0, bytes);
  }

  /** What was taken, once nothing refers to it any more. Of many, the larger ones are kept. */
  give(taken: Buffer): void {
    this.#free.push(Buffer.from(taken.buffer));
    if (this.#free.length <= KEPT) return;
    this.#free.sort((a, b) => b.length - a.length);
    this.#free.pop();
  }
}
