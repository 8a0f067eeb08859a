import type { KeyComparison } from './key-comparison.ts';
import { sortPositions } from './sort-positions.ts';

/** What a record costs beside its bytes: the key's string, its slot, the line's place. In bytes, about. */
const OVERHEAD_BYTES = 64;

/** Records gathered in memory, the lines in one buffer, until they are sorted and written or read. */
export class MemoryRun {
  readonly #limit: number;
  #lines: Buffer;
  readonly #keys: string[] = [];
  readonly #starts: number[] = [0];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
    this.#lines = Buffer.allocUnsafeSlow(Math.min(limitBytes, 64 << 10));
  }

  get keys(): readonly string[] {
    return this.#keys;
  }

  /** The lines; that of the record at position `p` from `starts[p]` to `starts[p + 1]`. */
  get lines(): Buffer {
    return this.#lines;
  }

  get starts(): readonly number[] {
    return this.#starts;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#limit;
  }

  add(key: string, line: Buffer): void {
    const start = this.#starts[this.#keys.length]!;
    const end = start + line.length;
    if (end > this.#lines.length) this.#grow(end);
    this.#lines.set(line, start);
    this.#keys.push(key);
    this.#starts.push(end);
    this.#bytes += line.length + key.length + OVERHEAD_BYTES;
  }

  /** Positions in key order; records with equal keys in the order in which they came. Free when they came in order. */
  sorted(compare: KeyComparison): ArrayLike<number> {
    const keys = this.#keys;
    const inOrder = keys.every((key, i) => i === 0 || compare(keys[i - 1]!, key) <= 0);
    return inOrder ? Uint32Array.from(keys, (_key, i) => i) : sortPositions(keys, compare);
  }

  clear(): void {
    this.#keys.length = 0;
    this.#starts.length = 1;
    this.#bytes = 0;
  }

  #grow(needed: number): void {
    const size = Math.max(needed, Math.min(2 * this.#lines.length, this.#limit));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#lines.copy(larger, 0, 0, this.#starts[this.#keys.length]);
    this.#lines = larger;
  }
}
