import { throwIfAborted } from '../../../contract/errors.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { nextTurn, type ReachSource } from './reach.ts';
import { SeqSet } from './seq-set.ts';
import { storedSizes } from './stored-sizes.ts';

/**
 * Of snapshots in order of time, what is stored for each that those before it do not need. In bytes; undefined: its lists
 * cannot be read.
 *
 * @throws AppError CANCELED, CATALOG_LOCKED, FILE_FAILED
 */
export async function addedBytes(
  { db, lists }: ReachSource,
  snapshots: readonly string[],
  signal?: AbortSignal,
): Promise<(number | undefined)[]> {
  const last = withSqliteErrors(() =>
    db.prepare<[], number>('SELECT ifnull(max(seq), 0) FROM chunks').pluck().get(),
  );
  const sizes = await storedSizes(db, last ?? 0, signal);
  const listsOf = db
    .prepare<[string], number>(
      'SELECT list FROM snapshot_sections JOIN snapshots ON snapshots.seq = snapshot WHERE id = ?',
    )
    .pluck();
  const seen = new SeqSet(last ?? 0);
  const added: (number | undefined)[] = [];
  for (const id of snapshots) {
    const { value } = whole(() => {
      let bytes = 0;
      for (const list of withSqliteErrors(() => listsOf.all(id)))
        for (const page of lists.pages(list)) {
          // What is on it was added with it.
          if (!seen.add(page)) continue;
          bytes += sizes[page] ?? 0;
          for (const { seq } of lists.chunksOn(page)) if (seen.add(seq)) bytes += sizes[seq] ?? 0;
        }
      return bytes;
    });
    added.push(value);
    await nextTurn();
    throwIfAborted(signal);
  }
  return added;
}
