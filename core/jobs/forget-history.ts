import { throwIfAborted } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import { before } from '../catalog/retention/duration.ts';
import { appliedIfKnown } from './holds.ts';
import type { JobContext } from './job-context.ts';
import { writtenAsKnown } from './settle.ts';
import { mayBeHalfWritten } from './written.ts';

/**
 * Removes plans that nobody applied in time, and jobs that ended or were broken off long ago, each with its journal and
 * the plan that it carried out. What may still be needed stays: a job that can be undone, for as long as there is the
 * snapshot to do it with; one that left a realm half written; and one that knows which new ids or secrets a server gave.
 */
export async function forgetHistory(
  job: Pick<JobContext, 'signal'>,
  catalog: Catalog,
): Promise<{ plans: number; jobs: number }> {
  const keeping = catalog.keeping.get();
  const now = catalog.now();
  const jobs = catalog.jobs.list();
  const outdated = before(now, keeping.jobs).toISOString();
  const snapshots = new Set(
    [...catalog.snapshots.list(), ...catalog.snapshots.list({ trash: true })].map(({ id }) => id),
  );
  const kept = new Set(plansOf(jobs));
  const removed = jobs.filter(
    (one) => endOf(one) !== undefined && endOf(one)! < outdated && !isNeeded(catalog, one, snapshots),
  );
  let plans = catalog.plans.expire(before(now, keeping.plans), kept);
  for (const one of removed) {
    throwIfAborted(job.signal);
    catalog.jobs.remove(one.id);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  // By plan and not by job, so that what a killed process left behind is found as well.
  const left = catalog.jobs.list();
  const needed = new Set(plansOf(left));
  for (const { id, appliedBy } of catalog.plans.list({ status: 'applied' })) {
    if (needed.has(id) || left.some((one) => one.id === appliedBy)) continue;
    catalog.plans.remove(id);
    plans++;
  }
  return { plans, jobs: removed.length };
}

/** When it ended; of one that was broken off, when it began. Undefined: it has not ended. */
function endOf({ state, finishedAt, startedAt, createdAt }: Job): string | undefined {
  if (state === 'queued' || state === 'running' || state === 'canceling') return undefined;
  return finishedAt ?? startedAt ?? createdAt;
}

function isNeeded(catalog: Catalog, job: Job, snapshots: ReadonlySet<string>): boolean {
  if (job.issued && job.issued.length > 0) return true;
  if (job.undoneBy !== undefined) return false;
  const written = writtenAsKnown(catalog, job);
  if (written && mayBeHalfWritten(written)) return true;
  const safety = appliedIfKnown(catalog, job)?.safetySnapshot;
  return written?.state !== 'nothing' && typeof safety === 'string' && snapshots.has(safety);
}

function plansOf(jobs: readonly Job[]): string[] {
  return jobs.flatMap(({ applying, params }) =>
    [applying?.plan, params['plan']].filter((plan) => typeof plan === 'string'),
  );
}
