import type { ChunkRef, SnapshotStore } from '../catalog/snapshot-store.ts';
import { parseLine } from '../model/exact-json.ts';
import { displayKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import { withSecretsHidden } from '../model/hide-secrets.ts';

/** Sections whose lists of chunks are remembered: a table is scrolled page by page. */
const REMEMBERED = 8;

interface PlacedChunks {
  readonly chunks: readonly ChunkRef[];
  /** How many records stand before each chunk, and at the end how many there are. */
  readonly starts: readonly number[];
}

export interface RecordRange {
  readonly section: Section;
  /** Records to pass over. */
  readonly from: number;
  readonly limit: number;
}

/** Records of a snapshot by their places: what is read are the chunks that they stand in. */
export class RecordPages {
  readonly #snapshots: SnapshotStore;
  readonly #lists = new Map<string, PlacedChunks>();

  constructor(snapshots: SnapshotStore) {
    this.#snapshots = snapshots;
  }

  /** @param snapshot its whole id @throws AppError CATALOG_DAMAGED */
  page(snapshot: string, { section, from, limit }: RecordRange) {
    const { chunks, starts } = this.#listOf(snapshot, section);
    const total = starts.at(-1)!;
    const to = Math.min(from + limit, total);
    const records: { index: number; key: string; record: JsonObject }[] = [];
    for (let at = lastUpTo(starts, from); at < chunks.length && starts[at]! < to; at++) {
      const first = starts[at]!;
      const found = this.#snapshots.readChunk(chunks[at]!);
      for (let index = Math.max(from, first); index < Math.min(to, first + found.length); index++) {
        const { key, line } = found[index - first]!;
        const record = withSecretsHidden(section, parseLine(line));
        records.push({ index, key: displayKey(key), record });
      }
    }
    return { records, total };
  }

  /** Snapshots never change: what was read once holds. */
  #listOf(snapshot: string, section: Section): PlacedChunks {
    const name = `${snapshot}/${section}`;
    const known = this.#lists.get(name) ?? placed(this.#snapshots.chunks(snapshot, section));
    this.#lists.delete(name);
    this.#lists.set(name, known);
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= REMEMBERED) break;
      this.#lists.delete(oldest);
    }
    return known;
  }
}

function placed(chunks: readonly ChunkRef[]): PlacedChunks {
  const starts = [0];
  for (const { count } of chunks) starts.push(starts.at(-1)! + count);
  return { chunks, starts };
}

/** The last of ascending numbers that is not beyond `place`. */
function lastUpTo(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
