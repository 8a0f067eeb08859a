import type { Database } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { nextTurn, Reach, type ReachSource } from './reach.ts';
import type { SeqSet } from './seq-set.ts';
import { shortenChains, type ChainTools } from './shorten-chains.ts';
import { ShortSteps } from './short-steps.ts';

/** Chunks that are looked through at once. */
const WINDOW = 5_000;

export interface ReclaimOptions {
  readonly signal?: AbortSignal;
  /**
   * Asked in each transaction that deletes: whether nobody else is at work who may count on what is about to go, such as
   * a backup that would share it.
   */
  readonly mayDelete: () => boolean;
  readonly onProgress?: (done: { chunks: number; bytes: number }) => void;
}

export interface Reclaimed {
  readonly chunks: number;
  /** As stored. */
  readonly bytes: number;
  /** False: somebody else was at work, or stored a snapshot meanwhile. What is left is found again the next time. */
  readonly finished: boolean;
}

/**
 * Deletes the chunks that no snapshot needs any more, in short transactions, and at last the lists that no snapshot has:
 * they are what tells the next one that there is something to be done, if this one is killed. What a snapshot needs is
 * found first (its lists' pages, the chunks on them, and what those are built on, whosever that was), and what is deleted
 * counts on it: so each transaction makes sure that no snapshot has been stored since.
 *
 * What the base of a kept chunk holds stays with it, even where the snapshot that brought it is gone, unless the kept one
 * takes less when it is stored whole (`shortenChains`).
 *
 * @throws AppError CATALOG_DAMAGED when a snapshot's lists cannot be read: then nobody knows what it needs, and nothing is
 * deleted; CANCELED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED
 */
export async function reclaim(source: ReachSource & ChainTools, options: ReclaimOptions): Promise<Reclaimed> {
  const { db } = source;
  const { signal, mayDelete } = options;
  if (!hasUnneeded(db)) return { chunks: 0, bytes: 0, finished: true };
  const stamp = newestSnapshot(db);
  const { reach, direct, needed } = await neededChunks(source, signal);
  const isAsFound = () => mayDelete() && newestSnapshot(db) === stamp;
  const grown = await shortenChains(source, reach, { direct, needed }, isAsFound, signal);
  if (grown === undefined) return { chunks: 0, bytes: 0, finished: false };
  const swept = await sweep(db, needed, isAsFound, options);
  const finished = swept.finished && (await dropLists(db, isAsFound, signal));
  return { chunks: swept.chunks, bytes: Math.max(0, swept.bytes - grown), finished };
}

/** Lists that no snapshot has, and what a writer left that was killed. */
export function hasUnneeded(db: Database): boolean {
  const found = withSqliteErrors(() =>
    db
      .prepare<[], number>(
        `SELECT EXISTS (SELECT 1 FROM chunk_lists WHERE seq NOT IN (SELECT list FROM snapshot_sections))
             OR EXISTS (SELECT 1 FROM chunks WHERE writer IS NOT NULL)`,
      )
      .pluck()
      .get(),
  );
  return found === 1;
}

/** Rises with each snapshot that is stored, and never comes again. */
function newestSnapshot(db: Database): number {
  return (
    withSqliteErrors(() =>
      db.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'snapshots'`).pluck().get(),
    ) ?? 0
  );
}

async function neededChunks(
  source: ReachSource,
  signal: AbortSignal | undefined,
): Promise<{ reach: Reach; direct: SeqSet; needed: SeqSet }> {
  const reach = await Reach.over(source, signal);
  const direct = reach.none();
  const lists = withSqliteErrors(() =>
    source.db.prepare<[], number>('SELECT DISTINCT list FROM snapshot_sections ORDER BY list').pluck().all(),
  );
  for (const list of lists) {
    reach.addList(direct, list);
    await nextTurn();
    throwIfAborted(signal);
  }
  const needed = direct.copy();
  reach.addBases(needed);
  return { reach, direct, needed };
}

/** From the newest down: what is built on others goes before them. */
async function sweep(
  db: Database,
  needed: SeqSet,
  isAsFound: () => boolean,
  { signal, onProgress }: ReclaimOptions,
): Promise<Reclaimed> {
  const below = db
    .prepare<[number], number>(`SELECT seq FROM chunks WHERE seq < ? ORDER BY seq DESC LIMIT ${WINDOW}`)
    .pluck();
  const weigh = db
    .prepare<[string], number>(
      'SELECT total(length(sealed)) FROM chunk_data WHERE seq IN (SELECT value FROM json_each(?))',
    )
    .pluck();
  const remove = db.prepare<[string]>('DELETE FROM chunks WHERE seq IN (SELECT value FROM json_each(?))');
  const steps = new ShortSteps(db, signal, { size: 200, most: 2_000 });
  let [chunks, bytes, from] = [0, 0, needed.last + 1];
  for (;;) {
    const window = withSqliteErrors(() => below.all(from));
    if (window.length === 0) return { chunks, bytes, finished: true };
    from = window.at(-1)!;
    const unneeded = window.filter((seq) => !needed.has(seq));
    while (unneeded.length > 0) {
      const some = JSON.stringify(unneeded.splice(0, steps.size));
      const weight = await steps.run(() => {
        if (!isAsFound()) return undefined;
        const total = weigh.get(some)!;
        chunks += remove.run(some).changes;
        return total;
      });
      if (weight === undefined) return { chunks, bytes, finished: false };
      bytes += weight;
      onProgress?.({ chunks, bytes });
    }
    await nextTurn();
  }
}

/** @returns false when somebody else was at work */
async function dropLists(
  db: Database,
  isAsFound: () => boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const remove = db.prepare<[number]>(
    `DELETE FROM chunk_lists WHERE seq IN
       (SELECT seq FROM chunk_lists WHERE seq NOT IN (SELECT list FROM snapshot_sections) LIMIT ?)`,
  );
  const steps = new ShortSteps(db, signal, { size: 200, most: 5_000 });
  for (;;) {
    const removed = await steps.run(() => (isAsFound() ? remove.run(steps.size).changes : undefined));
    if (removed === undefined) return false;
    if (removed === 0) return true;
  }
}
