import { AppError } from '../../contract/errors.ts';
import type { emptyTrashInput, FreedView, RetentionReason, TrashView } from '../../contract/retention.ts';
import type { z } from 'zod';
import type { Catalog } from '../catalog/index.ts';
import { before } from '../catalog/retention/duration.ts';
import { freeSpace } from './free-space.ts';
import { holdsOn } from './holds.ts';
import type { JournalledContext } from './runner.ts';

export type EmptyTrashRequest = z.output<typeof emptyTrashInput>;

/** Those that have been in the trash for longer than this, and that nothing counts on. */
export function outstayed(catalog: Catalog, grace: string): string[] {
  return judgedTrash(catalog, grace)
    .filter(({ goes }) => goes)
    .map(({ id }) => id);
}

/** What would be deleted, and what would stay although its time has come. Nothing is changed. */
export function judgeTrash(catalog: Catalog, { olderThan }: Pick<EmptyTrashRequest, 'olderThan'>): TrashView {
  const grace = catalog.keeping.get().trash;
  const snapshots = judgedTrash(catalog, olderThan ?? grace);
  const goes = snapshots.filter((snapshot) => snapshot.goes);
  // Within the grace period they might be wanted back; after it, any prune deletes them.
  const graced = before(catalog.now(), grace).toISOString();
  return {
    grace,
    snapshots,
    goes: goes.length,
    needsConfirmation: goes.some(({ trashedAt }) => trashedAt > graced),
  };
}

/**
 * Deletes what is in the trash for good, and gives back the space.
 *
 * @throws AppError CONFIRMATION_NEEDED when the grace period is cut short and their number was not confirmed; CANCELED,
 * CATALOG_LOCKED, DISK_FULL, FILE_FAILED
 */
export async function emptyTrash(
  job: JournalledContext,
  catalog: Catalog,
  request: EmptyTrashRequest,
): Promise<{ readonly freed: FreedView; readonly error?: AppError }> {
  const { goes, needsConfirmation, snapshots, grace } = judgeTrash(catalog, request);
  if (needsConfirmation && request.confirm !== goes) throw notConfirmed(goes, request.confirm);
  // Only what was seen when it was confirmed, even if more comes into the trash meanwhile.
  const confirmed = new Set(snapshots.filter((snapshot) => snapshot.goes).map(({ id }) => id));
  return await freeSpace(job, catalog, () =>
    outstayed(catalog, request.olderThan ?? grace).filter((id) => confirmed.has(id)),
  );
}

function judgedTrash(catalog: Catalog, grace: string): TrashView['snapshots'] {
  const holds = holdsOn(catalog);
  const limit = before(catalog.now(), grace).toISOString();
  // What was moved there by a clock that was ahead goes when all of it is to go.
  const all = limit >= catalog.now().toISOString();
  return catalog.space.trashed().map(({ id, trashedAt, pinned }) => {
    const isDue = all || trashedAt <= limit;
    const reasons: RetentionReason[] = [
      ...(pinned ? [{ rule: 'pinned' as const }] : []),
      ...(holds.get(id) ?? []),
    ];
    return { id, trashedAt, goes: isDue && reasons.length === 0, reasons: isDue ? reasons : [] };
  });
}

function notConfirmed(goes: number, confirm: number | undefined): AppError {
  const are = goes === 1 ? 'One snapshot is' : `${goes} snapshots are`;
  return new AppError(
    'CONFIRMATION_NEEDED',
    `${are} to be deleted for good before the grace period is over. ${
      confirm === undefined ? 'That was not confirmed.' : `${confirm} is not their number.`
    }`,
    {
      notChanged: 'Nothing was deleted.',
      remedy: `If that is what you want, confirm it by their number: --confirm ${goes}.`,
      details: { snapshots: goes },
    },
  );
}
