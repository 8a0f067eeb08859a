import type { Database } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { nextTurn } from './reach.ts';

const ROWS_AT_ONCE = 20_000;

/** What each chunk takes as it is stored, by its number, up to `last`. In bytes; 0: there is none. */
export async function storedSizes(
  db: Database,
  last: number,
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const sizes = new Uint32Array(last + 1);
  const select = db
    .prepare<[number], [number, number]>(
      `SELECT seq, length(sealed) FROM chunk_data WHERE seq > ? ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
    )
    .raw();
  for (let after = 0; ;) {
    const rows = withSqliteErrors(() => select.all(after));
    for (const [seq, bytes] of rows) if (seq <= last) sizes[seq] = bytes;
    const [highest] = rows.at(-1) ?? [];
    if (highest === undefined) return sizes;
    after = highest;
    await nextTurn();
    throwIfAborted(signal);
  }
}
