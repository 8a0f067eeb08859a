import { AppError, throwIfAborted } from '../../contract/errors.ts';
import type { WrittenView } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import type { Connector } from '../connectors/connector.ts';
import type { JobContext } from './job-context.ts';
import { areOfDatabases, askedCommits, journalledWrites, mayBeHalfWritten, writtenView } from './written.ts';

interface Target {
  readonly environment: string;
  readonly realm: string;
}

/**
 * Finds out what jobs that were broken off have left of a realm, and refuses to go on while it is half written.
 *
 * @param undoes the job that is about to be undone: then nothing is refused
 * @throws AppError HALF_WRITTEN; what asking the databases throws
 */
export async function requireSettled(
  job: Pick<JobContext, 'signal'>,
  catalog: Catalog,
  connector: Connector,
  target: Target,
  undoes: string | undefined,
): Promise<void> {
  if (undoes !== undefined) return;
  for (const open of unsettledJobs(catalog, target)) {
    const written = await settled(catalog, connector, open, job.signal);
    if (written && mayBeHalfWritten(written)) throw halfWritten(open, written);
  }
}

/** Those jobs on a realm that did not end well, of which it is not known, or bad, what they left behind. Newest first. */
export function unsettledJobs(catalog: Catalog, { environment, realm }: Target): Job[] {
  return catalog.jobs
    .list({ states: ['interrupted', 'failed', 'canceled'] })
    .filter(
      ({ applying, written, undoneBy }) =>
        applying?.environment === environment &&
        applying.realm === realm &&
        undoneBy === undefined &&
        (written === undefined || mayBeHalfWritten(written)),
    );
}

/**
 * What a job has left behind: as noted, or else by asking the databases, and then noted. Undefined where only its steps
 * tell: over the Admin API.
 *
 * @throws AppError what asking throws
 */
export async function settled(
  catalog: Catalog,
  connector: Connector,
  job: Pick<Job, 'id' | 'applying' | 'written'>,
  signal: AbortSignal,
): Promise<WrittenView | undefined> {
  if (job.written && job.written.state !== 'unknown') return job.written;
  const writes = journalledWrites(catalog.jobs.steps(job.id));
  if (!areOfDatabases(writes)) return undefined;
  const asked = await askedCommits(writes, async (facts) => {
    throwIfAborted(signal);
    return (await connector.commitOutcome?.(facts, signal)) ?? 'unknown';
  });
  const written = writtenView(job.applying!, asked);
  catalog.jobs.note(job.id, { written });
  return written;
}

/** What can be told of a job without asking anybody; undefined where its journal or its end says all. */
export function writtenAsKnown(catalog: Pick<Catalog, 'jobs'>, job: Job): WrittenView | undefined {
  if (job.written) return job.written;
  if (job.applying === undefined || !['interrupted', 'failed', 'canceled'].includes(job.state))
    return undefined;
  const writes = journalledWrites(catalog.jobs.steps(job.id));
  return areOfDatabases(writes) ? writtenView(job.applying, writes) : undefined;
}

/** That this job undid another: it and what was broken off after it on the same realm are settled. */
export function noteUndone(catalog: Catalog, undone: string, by: string): void {
  const first = catalog.jobs.get(undone);
  catalog.jobs.note(undone, { undoneBy: by });
  if (!first.applying) return;
  for (const { id, createdAt } of unsettledJobs(catalog, first.applying))
    if (createdAt >= first.createdAt && id !== by) catalog.jobs.note(id, { undoneBy: by });
}

export function halfWritten({ id }: Pick<Job, 'id'>, written: WrittenView): AppError {
  return new AppError('HALF_WRITTEN', `${written.text} Job ${id} was broken off between its commits.`, {
    notChanged: 'Nothing else is written to this realm until that is settled.',
    remedy: `Bring it back to what it was before: drawbridge rollback ${id}.`,
    details: { job: id, databases: written.databases },
  });
}
