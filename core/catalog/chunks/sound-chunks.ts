import type { Seal } from '../seal.ts';
import { chunkBinding } from './chunk-reader.ts';
import type { ChunkTable } from './chunk-table.ts';
import { damaged, whole } from './damage.ts';

/**
 * Whether stored chunks, and what they are built on, are still what was stored: their seals are opened, which costs a
 * tenth of rebuilding them and misses no altered byte. A new snapshot must not come to rest on a chunk that is damaged.
 */
export class SoundChunks {
  readonly #table: ChunkTable;
  readonly #seal: Seal;
  /** Of chunks asked about lately: a backup asks once about each, and about a base as often as something is built on it. */
  readonly #known = new Map<number, boolean>();

  constructor(table: ChunkTable, seal: Seal) {
    this.#table = table;
    this.#seal = seal;
  }

  has(seq: number): boolean {
    const known = this.#known.get(seq);
    if (known !== undefined) return known;
    const isSound = whole(() => this.#open(seq)).damage === undefined;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(seq, isSound);
    return isSound;
  }

  /** It has been stored anew. */
  healed(seq: number): void {
    // What is built on it may be sound now as well.
    this.#known.clear();
    this.#known.set(seq, true);
  }

  #open(seq: number): void {
    const chunk = this.#table.load(seq);
    if (!chunk) throw damaged('A stored chunk of records is missing.');
    const places = chunk.bases.map((base) => {
      const place = this.#table.place(base);
      // Stored deltas only ever point to shallower chunks; an altered table could make a circle.
      if (!place || place.depth >= chunk.depth || !this.has(base))
        throw damaged('What a stored chunk of records is built on is damaged.');
      return place;
    });
    this.#seal.open(
      chunk.sealed,
      chunkBinding(
        chunk.id,
        places.map((place) => place.id),
      ),
    );
  }
}

const REMEMBERED = 100_000;
