import type { Database } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { ChunkLists } from '../snapshots/chunk-lists.ts';
import { SeqSet } from './seq-set.ts';

/** Rows that are read between two turns of others: some 10 ms. */
const ROWS_AT_ONCE = 20_000;

export interface ReachSource {
  readonly db: Database;
  readonly lists: ChunkLists;
}

interface Page {
  readonly seqs: Uint32Array;
  /** Of plaintext. */
  readonly bytes: Uint32Array;
}

/**
 * Follows lists of chunks to what they are made of: their pages, the chunks on these, and whatever those are built on, as
 * far as it was there when this was made. Takes 8 bytes for each stored chunk, and 8 for each line of a list's page.
 */
export class Reach {
  readonly #lists: ChunkLists;
  readonly #last: number;
  /** By chunk, what it is built on; 0: nothing. */
  readonly #bases: Uint32Array;
  readonly #bases2: Uint32Array;
  /** Lists share pages: each is opened once. */
  readonly #pages = new Map<number, Page>();

  private constructor(lists: ChunkLists, last: number) {
    this.#lists = lists;
    this.#last = last;
    this.#bases = new Uint32Array(last + 1);
    this.#bases2 = new Uint32Array(last + 1);
  }

  static async over({ db, lists }: ReachSource, signal?: AbortSignal): Promise<Reach> {
    const last = withSqliteErrors(() =>
      db.prepare<[], number>('SELECT ifnull(max(seq), 0) FROM chunks').pluck().get(),
    );
    const reach = new Reach(lists, last ?? 0);
    const select = db
      .prepare<[number], [number, number, number | null]>(
        `SELECT seq, base, base2 FROM chunks WHERE base IS NOT NULL AND seq > ? ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
      )
      .raw();
    for (let after = 0; ;) {
      const rows = withSqliteErrors(() => select.all(after));
      for (const [seq, base, base2] of rows) {
        if (seq > reach.#last) continue;
        reach.#bases[seq] = base;
        reach.#bases2[seq] = base2 ?? 0;
      }
      const [highest] = rows.at(-1) ?? [];
      if (highest === undefined) return reach;
      after = highest;
      await nextTurn();
      throwIfAborted(signal);
    }
  }

  none(): SeqSet {
    return new SeqSet(this.#last);
  }

  /**
   * Adds the pages and chunks of a list, without what they are built on.
   *
   * @returns the plaintext bytes of those chunks of records that were not in the set yet
   * @throws AppError CATALOG_DAMAGED when the list cannot be read
   */
  addList(set: SeqSet, list: number): number {
    let added = 0;
    for (const seq of this.#lists.pages(list)) {
      // What is on it was added with it.
      if (!set.add(seq)) continue;
      const { seqs, bytes } = this.#page(seq);
      for (let i = 0; i < seqs.length; i++) if (set.add(seqs[i]!)) added += bytes[i]!;
    }
    return added;
  }

  /** Adds what the chunks in the set are built on, directly or not. */
  addBases(set: SeqSet): void {
    // A base is older than what is built on it, so that one way down finds all of them.
    for (let seq = this.#last; seq > 0; seq--) {
      if (this.#bases[seq] === 0 || !set.has(seq)) continue;
      set.add(this.#bases[seq]!);
      if (this.#bases2[seq] !== 0) set.add(this.#bases2[seq]!);
    }
  }

  /** What a chunk is built on, directly. */
  basesOf(seq: number): number[] {
    return [this.#bases[seq]!, this.#bases2[seq]!].filter((base) => base !== 0);
  }

  #page(seq: number): Page {
    let page = this.#pages.get(seq);
    if (!page) {
      const chunks = this.#lists.chunksOn(seq);
      page = {
        seqs: Uint32Array.from(chunks, (chunk) => chunk.seq),
        bytes: Uint32Array.from(chunks, (chunk) => chunk.bytes),
      };
      this.#pages.set(seq, page);
    }
    return page;
  }
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
