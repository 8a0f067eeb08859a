import { AppError, throwIfAborted } from '../../contract/errors.ts';
import type { PruneResult, pruneInput, RetentionView } from '../../contract/retention.ts';
import { seriesName } from '../../contract/series.ts';
import type { z } from 'zod';
import type { Catalog } from '../catalog/index.ts';
import { retain, type Retention, type Verdict } from '../catalog/retention/policy.ts';
import { forgetHistory } from './forget-history.ts';
import { freeSpace } from './free-space.ts';
import { holdsOn } from './holds.ts';
import type { JournalledContext } from './runner.ts';
import { outstayed } from './trash.ts';

export type PruneRequest = z.output<typeof pruneInput>;

/** Moved to the trash in one transaction. */
const MOVED_AT_ONCE = 100;

/**
 * What a policy comes to, now: which snapshots it would keep, and which let go, each with the rule. Nothing is changed.
 *
 * @throws AppError NOT_FOUND when nothing is in its scope; RETENTION_REFUSED when it would leave a realm without any
 * snapshot, or without one that has all that a snapshot of it has, or keeps by a tag that none has
 */
export function judgeSnapshots(catalog: Catalog, { policy, ...scope }: PruneRequest): RetentionView {
  const now = catalog.now();
  const retention = retain(catalog.snapshots.list(), { scope, policy, now, holds: holdsOn(catalog) });
  const isNarrowed = Object.values(scope).some((value) => value !== undefined);
  if (retention.groups.length === 0 && isNarrowed) throw nothingInScope(scope);
  refuseUnwise(retention);
  const verdicts = retention.groups.flatMap((group) => group.verdicts);
  const kept = verdicts.filter(({ keep }) => keep).length;
  const { trash } = catalog.keeping.get();
  return {
    now: now.toISOString(),
    timeZone: policy.timeZone,
    groups: retention.groups.map(({ series, verdicts: judged }) => ({
      ...series,
      kept: judged.filter(({ keep }) => keep).length,
      trashed: judged.filter(({ keep }) => !keep).length,
      snapshots: judged.map(verdictView),
    })),
    kept,
    trashed: verdicts.length - kept,
    expired: outstayed(catalog, trash).length,
    grace: trash,
  };
}

function verdictView({
  snapshot,
  keep,
  reasons,
}: Verdict): RetentionView['groups'][number]['snapshots'][number] {
  const { id, finishedAt, archived, purpose, complete, tags } = snapshot;
  return {
    id,
    finishedAt,
    ...(archived && { takenAt: archived.finishedAt }),
    purpose,
    complete,
    tags: [...tags],
    keep,
    reasons: reasons.map((reason) => ({ ...reason })),
  };
}

/**
 * Carries out a policy: moves to the trash what it lets go, deletes what was there for longer than the grace period,
 * forgets old plans and jobs, and gives back the space. What is done stays done when it is broken off; run again, it
 * comes to the same end.
 *
 * @throws AppError as `judgeSnapshots`; CANCELED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED
 */
export async function pruneSnapshots(
  job: JournalledContext,
  catalog: Catalog,
  request: PruneRequest,
): Promise<{ readonly pruned: PruneResult; readonly error?: AppError }> {
  const view = judgeSnapshots(catalog, request);
  const trashed = await moveToTrash(
    job,
    catalog,
    view.groups.flatMap(({ snapshots }) => snapshots.filter(({ keep }) => !keep).map(({ id }) => id)),
  );
  const forgotten = await forgetHistory(job, catalog);
  const { freed, error } = await freeSpace(job, catalog, () => outstayed(catalog, view.grace));
  const groups = view.groups.map((group) => ({
    ...group,
    snapshots: group.snapshots.filter(({ keep }) => !keep),
  }));
  return { pruned: { ...view, groups, trashed, freed, forgotten }, ...(error && { error }) };
}

async function moveToTrash(
  job: JournalledContext,
  catalog: Catalog,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const what = ids.length === 1 ? 'one snapshot' : `${ids.length} snapshots`;
  const seq = job.intent(`Move ${what} to the trash`, { snapshots: ids.length });
  let moved = 0;
  for (let at = 0; at < ids.length; at += MOVED_AT_ONCE) {
    throwIfAborted(job.signal);
    moved += catalog.snapshots.moveSomeToTrash(ids.slice(at, at + MOVED_AT_ONCE));
    job.progress({ phase: 'Moving to the trash', done: moved, of: ids.length, unit: 'items' });
    await new Promise((resolve) => void setImmediate(resolve));
  }
  job.outcome(seq, 'done', { snapshots: moved });
  return moved;
}

function nothingInScope({ environment, realm, tag }: Omit<PruneRequest, 'policy'>): AppError {
  const where = [
    environment && `environment “${environment}”`,
    realm && `realm “${realm}”`,
    tag && `tag “${tag}”`,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  return new AppError(
    tag === undefined ? 'NOT_FOUND' : 'RETENTION_REFUSED',
    `There is no snapshot of ${where}.`,
    {
      notChanged: 'No snapshot was touched.',
      remedy: 'Check the names: drawbridge snapshot list --all.',
      details: { environment, realm, tag },
    },
  );
}

function refuseUnwise({ groups, unknownTags }: Retention): void {
  const [tag] = unknownTags;
  if (tag !== undefined)
    throw new AppError(
      'RETENTION_REFUSED',
      `Snapshots with the tag “${tag}” are to be kept, but there is none with that tag.`,
      {
        notChanged: 'No snapshot was touched.',
        remedy: 'Correct the tag (drawbridge snapshot list), or leave it out.',
        details: { tags: unknownTags },
      },
    );
  const emptied = groups.filter((group) => group.emptied).map(({ series }) => seriesName(series));
  if (emptied.length > 0)
    throw new AppError(
      'RETENTION_REFUSED',
      `This policy would leave ${emptied.join(', ')} without any backup.`,
      {
        notChanged: 'No snapshot was touched.',
        remedy: KEEP_THE_NEWEST,
        details: { realms: emptied },
      },
    );
  for (const { series, irreplaceable } of groups) {
    if (irreplaceable === undefined) continue;
    const { id, sections } = irreplaceable;
    throw new AppError(
      'RETENTION_REFUSED',
      `This policy would let snapshot ${id} of ${seriesName(series)} go, and no backup that stays has all that it has (${sections.join(', ')}).`,
      {
        notChanged: 'No snapshot was touched.',
        remedy: `${KEEP_THE_NEWEST} It keeps the newest of those, too, that have what others lack.`,
        details: { realms: [seriesName(series)], snapshot: id },
      },
    );
  }
}

const KEEP_THE_NEWEST = 'Add a rule that keeps the newest, such as --keep-last 1.';
