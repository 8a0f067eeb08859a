import type { CanonicalRecord } from '../model/record.ts';
import { compareKeys } from '../model/key-order.ts';
import type { SectionSide } from './section-side.ts';

export interface RecordFinder {
  find(key: string): Promise<CanonicalRecord | undefined>;
  /** The first record whose key is `key` or greater. */
  findFrom(key: string): Promise<CanonicalRecord | undefined>;
}

/**
 * Looks up records by key: a binary search over the chunks, then one within a chunk. The last chunk read is kept, so
 * ascending keys read every chunk at most once.
 */
export function recordFinder(side: SectionSide): RecordFinder {
  let heldIndex = -1;
  let held: readonly CanonicalRecord[] = [];

  async function chunkAt(index: number): Promise<readonly CanonicalRecord[]> {
    if (index !== heldIndex) {
      held = await side.readChunk(side.chunks[index]!);
      heldIndex = index;
    }
    return held;
  }

  async function findFrom(key: string): Promise<CanonicalRecord | undefined> {
    const index = lastAtOrBefore(side, key);
    if (index >= 0) {
      const records = await chunkAt(index);
      const found = records[firstAtOrAfter(records, key)];
      if (found) return found;
    }
    return index + 1 < side.chunks.length ? (await chunkAt(index + 1))[0] : undefined;
  }

  return {
    findFrom,
    async find(key) {
      const index = lastAtOrBefore(side, key);
      if (index < 0) return undefined;
      const records = await chunkAt(index);
      const found = records[firstAtOrAfter(records, key)];
      return found?.key === key ? found : undefined;
    },
  };
}

/** Index of the chunk in whose range the key lies; -1 before the first. */
function lastAtOrBefore(side: SectionSide, key: string): number {
  let low = 0;
  let high = side.chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(side.chunks[middle]!.firstKey, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function firstAtOrAfter(records: readonly CanonicalRecord[], key: string): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(records[middle]!.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
