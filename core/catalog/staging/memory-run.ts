import type { CanonicalRecord } from '../../model/record.ts';
import { keyOrder, type KeyOrder } from './key-comparison.ts';

/** What a record costs beside its bytes: the key's string, its slot, the line's place. In bytes, about. */
const OVERHEAD_BYTES = 64;

/** Records gathered in memory, the lines in one buffer, until they are sorted and written or read. */
export class MemoryRun {
  readonly #limit: number;
  #arena: Buffer;
  readonly #keys: string[] = [];
  readonly #starts: number[] = [0];
  #bytes = 0;
  /** Whether the records came in key order; then sorting is free. */
  #inOrder = true;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
    this.#arena = Buffer.allocUnsafeSlow(Math.min(limitBytes, 64 << 10));
  }

  get count(): number {
    return this.#keys.length;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#limit;
  }

  add(key: string, line: Buffer, order: KeyOrder): void {
    const start = this.#starts[this.#keys.length]!;
    const end = start + line.length;
    if (end > this.#arena.length) this.#grow(end);
    this.#arena.set(line, start);
    if (this.#inOrder && this.#keys.length > 0) {
      const before = this.#keys[this.#keys.length - 1]!;
      if (keyOrder(before, key, order) > 0) this.#inOrder = false;
    }
    this.#keys.push(key);
    this.#starts.push(end);
    this.#bytes += line.length + key.length + OVERHEAD_BYTES;
  }

  /** Positions in key order; records with equal keys in the order in which they came. */
  sorted(order: KeyOrder): ArrayLike<number> {
    const positions = Uint32Array.from({ length: this.#keys.length }, (_, i) => i);
    const keys = this.#keys;
    if (!this.#inOrder) positions.sort((a, b) => keyOrder(keys[a]!, keys[b]!, order) || a - b);
    return positions;
  }

  key(position: number): string {
    return this.#keys[position]!;
  }

  record(position: number): CanonicalRecord {
    return {
      key: this.#keys[position]!,
      line: this.#arena.subarray(this.#starts[position], this.#starts[position + 1]),
    };
  }

  /** Hands the bytes of a line to `take` without making an object of them. */
  withLine<T>(position: number, take: (arena: Buffer, start: number, end: number) => T): T {
    return take(this.#arena, this.#starts[position]!, this.#starts[position + 1]!);
  }

  clear(): void {
    this.#keys.length = 0;
    this.#starts.length = 1;
    this.#bytes = 0;
    this.#inOrder = true;
  }

  #grow(needed: number): void {
    const size = Math.max(needed, Math.min(2 * this.#arena.length, this.#limit));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#arena.copy(larger, 0, 0, this.#starts[this.#keys.length]);
    this.#arena = larger;
  }
}
