import type { AppError } from '../../../contract/errors.ts';
import type { Seal } from '../seal.ts';
import { decodeChunk } from './chunk-codec.ts';
import type { ChunkTable, StoredChunk } from './chunk-table.ts';
import { damaged } from './damage.ts';
import { DecodedCache } from './decoded-cache.ts';

/**
 * The longest way from a chunk to one stored whole. Long chains save little (what they avoid is one whole chunk in so
 * many snapshots) and cost each reader one more chunk.
 */
export const MAX_DEPTH = 8;

/** Turns stored chunks back into plaintext: opens, decompresses, applies changes to the bases, and proves the name. */
export class ChunkReader {
  readonly #table: ChunkTable;
  readonly #seal: Seal;
  readonly #cache: DecodedCache;

  constructor(table: ChunkTable, seal: Seal, cacheBytes: number) {
    this.#table = table;
    this.#seal = seal;
    this.#cache = new DecodedCache(cacheBytes);
  }

  /**
   * The plaintext, which the caller must not write to.
   *
   * @throws AppError CATALOG_DAMAGED when it is not, byte for byte, what was stored
   */
  plain(seq: number): Buffer {
    const known = this.#cache.get(seq);
    if (known?.proved) return known.plain;
    const { id } = this.#place(seq);
    const plain = known?.plain ?? this.#decode(this.#load(seq));
    if (this.#seal.name(plain) !== id) throw damagedChunk(seq);
    if (known) known.proved = true;
    else this.#cache.put(seq, { plain, proved: true });
    return plain;
  }

  /** The number of the chunk with this name (hex). @throws AppError CATALOG_DAMAGED when there is none */
  named(id: string): number {
    const seq = this.#table.seqNamed(id);
    if (seq === undefined) throw damagedChunk();
    return seq;
  }

  /** Without proof of the name: of a base, since the proof of what is built on it covers it. */
  #basePlain(seq: number, depth: number): Buffer {
    const known = this.#cache.get(seq);
    if (known) return known.plain;
    const chunk = this.#load(seq);
    // Stored deltas only ever point to shallower chunks; an altered table could make a circle.
    if (chunk.depth >= depth) throw damagedChunk(seq);
    const plain = this.#decode(chunk);
    this.#cache.put(seq, { plain, proved: false });
    return plain;
  }

  #decode(chunk: StoredChunk): Buffer {
    const payload = this.#seal.open(chunk.sealed, this.#binding(chunk));
    const plain = decodeChunk(payload, () => {
      const [first, second] = chunk.bases.map((base) => this.#basePlain(base, chunk.depth));
      return first && second ? Buffer.concat([first, second]) : (first ?? Buffer.alloc(0));
    });
    if (!plain) throw damagedChunk(chunk.seq);
    return plain;
  }

  #binding(chunk: StoredChunk): Buffer {
    return chunkBinding(
      chunk.id,
      chunk.bases.map((base) => this.#place(base).id),
    );
  }

  #place(seq: number): { readonly id: string; readonly depth: number } {
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
