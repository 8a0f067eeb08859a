import type { RetentionReason } from '../../contract/retention.ts';
import { isAppError } from '../../contract/errors.ts';
import { latestOf } from '../../contract/source-form.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job, JobState } from '../catalog/jobs/job.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import { after, before } from '../catalog/retention/duration.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { shownPlan } from './plan-document.ts';
import { appliedBy, type Applied } from './rollback.ts';
import { writtenAsKnown } from './settle.ts';
import { mayBeHalfWritten } from './written.ts';

const NOT_ENDED: readonly JobState[] = ['queued', 'running', 'canceling', 'interrupted'];

/** So many characters of a snapshot's id say which is meant; fewer may be any word. */
const LEAST_PREFIX = 4;

/**
 * The snapshots that something counts on, by id, with what it is: open plans, and jobs that have not ended or could be
 * taken up again, as long as plans are kept; and what jobs can be rolled back with: the last that wrote to a realm, and
 * those that left it half written.
 */
export function holdsOn(catalog: Catalog): ReadonlyMap<string, readonly RetentionReason[]> {
  const { plans: kept } = catalog.keeping.get();
  const since = before(catalog.now(), kept).toISOString();
  const until = (createdAt: string) => after(new Date(createdAt), kept).toISOString();
  const holds = new Map<string, RetentionReason[]>();
  const hold = (id: string | null | undefined, reason: RetentionReason): void => {
    if (typeof id !== 'string') return;
    const known = holds.get(id) ?? [];
    if (known.some(({ rule, by }) => rule === reason.rule && by === reason.by)) return;
    holds.set(id, [...known, reason]);
  };
  const ids = [...catalog.snapshots.list(), ...catalog.snapshots.list({ trash: true })].map(({ id }) => id);
  for (const plan of catalog.plans.list({ status: 'open' }))
    if (plan.createdAt >= since)
      for (const id of snapshotsOf(plan))
        hold(id, { rule: 'plan', by: plan.id, until: until(plan.createdAt) });
  const jobs = catalog.jobs.list();
  for (const job of jobs) {
    if (!NOT_ENDED.includes(job.state) || (job.state === 'interrupted' && job.createdAt < since)) continue;
    const over = job.state === 'interrupted' ? { until: until(job.createdAt) } : {};
    for (const id of namedIn(catalog, job, ids)) hold(id, { rule: 'job', by: job.id, ...over });
  }
  for (const { job, safetySnapshot } of undoable(catalog, jobs))
    hold(safetySnapshot, { rule: 'rollback', by: job });
  return holds;
}

function snapshotsOf(plan: StoredPlan<JsonObject>): string[] {
  const { source, target, goneUsersIn = [] } = shownPlan(plan);
  return [source.snapshot, ...(target.snapshot === undefined ? [] : [target.snapshot]), ...goneUsersIn];
}

/** Snapshots that a job was started with, by any of the ways to name one; of whatever kind it is. */
function namedIn(catalog: Catalog, job: Job, ids: readonly string[]): string[] {
  const words = [...texts(job.params)];
  const named = words.flatMap((word) => {
    const latest = latestOf(word);
    if (latest) return catalog.snapshots.latest(latest.environment, latest.realm)?.id ?? [];
    const prefix = word.toLowerCase();
    return prefix.length < LEAST_PREFIX ? [] : ids.filter((id) => id.startsWith(prefix));
  });
  const planned = [job.params['plan'], job.applying?.plan]
    .filter((plan) => typeof plan === 'string')
    .flatMap((plan) => storedPlan(catalog, plan));
  return [...named, ...planned, ...(job.applying?.safetySnapshot ? [job.applying.safetySnapshot] : [])];
}

function storedPlan(catalog: Catalog, plan: string): string[] {
  const found = catalog.plans.list().find(({ id }) => id.startsWith(plan.toLowerCase()));
  return found ? snapshotsOf(found) : [];
}

function* texts(value: JsonValue): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* texts(inner);
}

/** Of the jobs, newest first, those whose safety snapshot is kept for good. */
function* undoable(
  catalog: Catalog,
  jobs: readonly Job[],
): Generator<{ job: string; safetySnapshot: string | null }> {
  const seen = new Set<string>();
  for (const job of jobs) {
    if (job.undoneBy !== undefined) continue;
    const applied = appliedIfKnown(catalog, job);
    const written = applied && writtenAsKnown(catalog, job);
    if (!applied || written?.state === 'nothing') continue;
    const target = JSON.stringify([applied.environment, applied.realm]);
    const isLast = !seen.has(target);
    seen.add(target);
    if (isLast || (written && mayBeHalfWritten(written)))
      yield { job: job.id, safetySnapshot: applied.safetySnapshot };
  }
}

/** Undefined also for a job of an older Drawbridge, whose plan is gone. */
export function appliedIfKnown(catalog: Catalog, job: Job): Applied | undefined {
  try {
    return appliedBy(catalog, job);
  } catch (error) {
    if (isAppError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
