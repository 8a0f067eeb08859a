import type { Database } from 'better-sqlite3';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { ReclaimOptions } from './reclaim.ts';
import { ShortSteps } from './short-steps.ts';

/** A snapshot in the trash, as far as its description need not be read: it may be damaged. */
export interface TrashedSnapshot {
  readonly id: string;
  readonly trashedAt: string;
  readonly pinned: boolean;
}

/** Newest first. */
export function trashedSnapshots(db: Database): TrashedSnapshot[] {
  const rows = withSqliteErrors(() =>
    db
      .prepare<[], { id: string; trashed_at: string; pinned: number }>(
        'SELECT id, trashed_at, pinned FROM snapshots WHERE trashed_at IS NOT NULL ORDER BY seq DESC',
      )
      .all(),
  );
  return rows.map(({ id, trashed_at, pinned }) => ({ id, trashedAt: trashed_at, pinned: pinned === 1 }));
}

/**
 * Deletes snapshots for good: those that are still in the trash, and not pinned. What they needed is left to `reclaim`.
 *
 * @returns how many, and whether all were looked at: not when somebody else was at work
 */
export async function deleteTrashed(
  db: Database,
  ids: readonly string[],
  { mayDelete, signal }: ReclaimOptions,
): Promise<{ readonly snapshots: number; readonly finished: boolean }> {
  const remove = db.prepare<[string]>(
    'DELETE FROM snapshots WHERE trashed_at IS NOT NULL AND pinned = 0 AND id IN (SELECT value FROM json_each(?))',
  );
  const steps = new ShortSteps(db, signal, { size: 50, most: 500 });
  const left = [...ids];
  let snapshots = 0;
  while (left.length > 0) {
    const some = JSON.stringify(left.splice(0, steps.size));
    const removed = await steps.run(() => (mayDelete() ? remove.run(some).changes : undefined));
    if (removed === undefined) return { snapshots, finished: false };
    snapshots += removed;
  }
  return { snapshots, finished: true };
}
