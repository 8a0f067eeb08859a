import { endsChunk, hashKey, type CutRule } from './boundaries.ts';
import type { LineKey } from './line-keys.ts';
import type { Lines } from './lines.ts';

const LINE_BREAK = 0x0a;

/** Gathers lines until a chunk is complete. One buffer serves all chunks of a sequence. */
export class ChunkCutter {
  readonly #rule: CutRule;
  readonly #seed: number;
  #buffer = Buffer.allocUnsafeSlow(32 << 10);
  #length = 0;
  #starts: number[] = [0];
  #firstKey = '';

  constructor(rule: CutRule, seed: number) {
    this.#rule = rule;
    this.#seed = seed;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Whether what has been gathered must be taken before a line of this many bytes. */
  wouldOverflow(lineBytes: number): boolean {
    return this.#length > 0 && this.#length + lineBytes + 1 > this.#rule.maxBytes;
  }

  /** Adds the line at `[from, to)` of `source`. @returns whether the chunk is complete */
  add(key: string, source: Buffer, from: number, to: number): boolean {
    const end = this.#length + to - from + 1;
    if (end > this.#buffer.length) this.#grow(end);
    if (this.#length === 0) this.#firstKey = key;
    source.copy(this.#buffer, this.#length, from, to);
    this.#buffer[end - 1] = LINE_BREAK;
    this.#starts.push(end);
    this.#length = end;
    return endsChunk(this.#rule, end, hashKey(key, this.#seed));
  }

  /** The chunk gathered so far, valid until the next `add`. */
  take(keyOf: LineKey): Lines & { readonly firstKey: string } {
    const taken = {
      plain: this.#buffer.subarray(0, this.#length),
      starts: this.#starts,
      firstKey: this.#firstKey,
      keyOf,
    };
    this.#length = 0;
    this.#starts = [0];
    return taken;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
