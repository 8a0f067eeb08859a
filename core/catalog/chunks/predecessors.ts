import { compareKeys } from '../../model/key-order.ts';

/** A stored chunk as far as finding it by key needs. */
export interface PreviousChunk {
  readonly seq: number;
  readonly firstKey: string;
}

/**
 * Finds, for chunks that come in key order, the earlier chunks that cover the same keys. Mostly that is the one that
 * begins at the same key. An inserted boundary splits it in two, which then share it; a deleted boundary joins two, and
 * both are wanted.
 */
export class Predecessors {
  readonly #chunks: readonly PreviousChunk[];
  #at = 0;

  constructor(chunks: readonly PreviousChunk[]) {
    this.#chunks = chunks;
  }

  /** At most two neighbours; of a wider range those after its first, which are surely covered whole. Calls go upwards. */
  of(firstKey: string, lastKey: string): number[] {
    while (this.#beginsBy(this.#at + 1, firstKey)) this.#at++;
    const start = this.#at;
    let end = start;
    while (end < start + 3 && this.#beginsBy(end, lastKey)) end++;
    const covering = this.#chunks.slice(start, end);
    return (covering.length > 2 ? covering.slice(1) : covering).map((chunk) => chunk.seq);
  }

  #beginsBy(index: number, key: string): boolean {
    const chunk = this.#chunks[index];
    return chunk !== undefined && compareKeys(chunk.firstKey, key) <= 0;
  }
}
