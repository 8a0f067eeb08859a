import type { AppError } from '../../../contract/errors.ts';
import type { Seal } from '../seal.ts';
import { decodeChunk } from './chunk-codec.ts';
import type { ChunkPlace, ChunkTable, StoredChunk } from './chunk-table.ts';
import { damaged } from './damage.ts';
import { DecodedCache } from './decoded-cache.ts';
import { ScratchPool } from './scratch-pool.ts';

/** Turns stored chunks back into plaintext: opens, decompresses, applies changes to the bases, and proves the name. */
export class ChunkReader {
  readonly #table: ChunkTable;
  readonly #seal: Seal;
  readonly #cache: DecodedCache;
  readonly #scratch = new ScratchPool();
  readonly #texts = new ScratchPool();

  constructor(table: ChunkTable, seal: Seal, cacheBytes: number) {
    this.#table = table;
    this.#seal = seal;
    this.#cache = new DecodedCache(cacheBytes, (plain) => this.#texts.give(plain));
  }

  /**
   * The plaintext, which the caller must not write to.
   *
   * @throws AppError CATALOG_DAMAGED when it is not, byte for byte, what was stored
   */
  plain(seq: number): Buffer {
    const known = this.#cache.get(seq, false);
    if (known) return known;
    const plain = this.#proved(seq, (bytes) => Buffer.allocUnsafeSlow(bytes));
    this.#cache.put(seq, plain, false);
    return plain;
  }

  /**
   * As `plain`, for whoever looks at it at once and keeps nothing of it: once a third text is asked for, another may
   * stand in its memory. Texts by the thousand are read so, and the garbage collector has nothing to do with them.
   */
  passing(seq: number): Buffer {
    const known = this.#cache.get(seq, true);
    if (known) return known;
    let isOfPool = false;
    const plain = this.#proved(seq, (bytes) => {
      isOfPool = true;
      return this.#texts.take(bytes);
    });
    this.#cache.put(seq, plain, isOfPool);
    return plain;
  }

  /** The number of the chunk with this name (hex). @throws AppError CATALOG_DAMAGED when there is none */
  named(id: string): number {
    const seq = this.#table.seqNamed(id);
    if (seq === undefined) throw damagedChunk();
    return seq;
  }

  /** Whether all of these are there now: what was read before may only be remembered. */
  areStored(seqs: readonly number[]): boolean {
    return this.#table.missing(seqs) === 0;
  }

  #proved(seq: number, allocate: (bytes: number) => Buffer): Buffer {
    const chunk = this.#load(seq);
    const plain = this.#decode(chunk, allocate);
    if (this.#seal.name(plain) !== chunk.id) throw damagedChunk(seq);
    return plain;
  }

  /** @param allocate memory for a text that is rebuilt; one that was stored whole comes in memory of its own */
  #decode(chunk: StoredChunk, allocate: (bytes: number) => Buffer): Buffer {
    const payload = this.#seal.open(chunk.sealed, this.#binding(chunk));
    const passing: Buffer[] = [];
    const plain = decodeChunk(payload, () => this.#basesOf(chunk, passing), allocate);
    if (!plain) throw damagedChunk(chunk.seq);
    for (const buffer of passing) this.#scratch.give(buffer);
    return plain;
  }

  /** The bases' texts, one after the other. @param passing is told which memory is free once they have been used */
  #basesOf(chunk: StoredChunk, passing: Buffer[]): Buffer {
    const texts = chunk.bases.map((seq) => {
      const known = this.#cache.get(seq, true);
      if (known) return known;
      const base = this.#load(seq);
      // Stored deltas only ever point to shallower chunks; an altered table could make a circle.
      if (base.depth >= chunk.depth) throw damagedChunk(seq);
      // Without proof of its name: the proof of what is built on it covers it.
      return this.#decode(base, (bytes) => {
        const buffer = this.#scratch.take(bytes);
        passing.push(buffer);
        return buffer;
      });
    });
    return texts.length === 1 ? texts[0]! : Buffer.concat(texts);
  }

  #binding(chunk: StoredChunk): Buffer {
    return chunkBinding(
      chunk.id,
      chunk.bases.map((base) => this.#place(base).id),
    );
  }

  #place(seq: number): ChunkPlace {
    const place = this.#table.place(seq);
    if (!place) throw damagedChunk(seq);
    return place;
  }

  #load(seq: number): StoredChunk {
    const chunk = this.#table.load(seq);
    if (!chunk) throw damagedChunk(seq);
    return chunk;
  }
}

/** The additional data that a chunk is sealed with: what it is, and what it is built on. */
export function chunkBinding(id: string, baseIds: readonly string[]): Buffer {
  return Buffer.from(id + baseIds.join(''), 'hex');
}

function damagedChunk(seq?: number): AppError {
  return damaged(
    'A stored chunk of records is missing or was altered.',
    seq === undefined ? {} : { chunk: seq },
  );
}
