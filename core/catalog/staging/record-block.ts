import { VarintReader } from '../chunks/varint.ts';
import { emptyBatch, type SortedBatch } from './sorted-batch.ts';

/** Records of a run are written in blocks of about this many bytes: what a merge holds of each run. */
export const BLOCK_BYTES = 128 << 10;

/**
 * Records one after the other: length of the key × 2 (+ 1 when it is UTF-16, for keys with lone surrogates, which UTF-8
 * cannot hold), key, length of the line, line. Lengths in bytes, as varints.
 */
export class BlockWriter {
  #buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES + (8 << 10));
  #length = 0;

  /** @returns whether the block has its size */
  add(key: string, source: Buffer, start: number, end: number): boolean {
    const needed = this.#length + 20 + 3 * key.length + end - start;
    if (needed > this.#buffer.length) this.#grow(needed);
    const buffer = this.#buffer;
    const wide = !key.isWellFormed();
    const keyBytes = wide ? 2 * key.length : Buffer.byteLength(key);
    let at = putVarint(buffer, this.#length, 2 * keyBytes + (wide ? 1 : 0));
    at += buffer.write(key, at, wide ? 'utf16le' : 'utf8');
    at = putVarint(buffer, at, end - start);
    this.#length = at + source.copy(buffer, at, start, end);
    return this.#length >= BLOCK_BYTES;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The block, valid until the next `add`. */
  take(): Buffer {
    const block = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return block;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** The records of a block; their lines share its memory. */
export function readBlock(block: Buffer): SortedBatch {
  const batch = emptyBatch();
  const numbers = new VarintReader(block, 0);
  while (numbers.at < block.length) {
    const head = numbers.next();
    const keyEnd = numbers.at + (head >>> 1);
    batch.keys.push(block.toString((head & 1) === 1 ? 'utf16le' : 'utf8', numbers.at, keyEnd));
    numbers.at = keyEnd;
    const length = numbers.next();
    batch.buffers.push(block);
    batch.starts.push(numbers.at);
    numbers.at += length;
    batch.ends.push(numbers.at);
  }
  return batch;
}

function putVarint(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
  buffer[at++] = rest;
  return at;
}
