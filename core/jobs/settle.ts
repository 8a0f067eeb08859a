import { AppError, isAppError, throwIfAborted } from '../../contract/errors.ts';
import type { WrittenView } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job, JobState } from '../catalog/jobs/job.ts';
import { LEASE_MILLISECONDS } from '../catalog/jobs/leases.ts';
import type { Connector } from '../connectors/connector.ts';
import type { JobContext } from './job-context.ts';
import { areOfDatabases, askedCommits, journalledWrites, mayBeHalfWritten, writtenView } from './written.ts';

export interface Target {
  readonly environment: string;
  readonly realm: string;
}

const ENDED_BADLY: readonly JobState[] = ['interrupted', 'failed', 'canceled'];
/** Or so it seems: a process that was killed is noticed by and by. */
const UNDER_WAY: readonly JobState[] = ['running', 'canceling'];
/** Jobs in these may have left a realm half written. */
export const OPEN_STATES: readonly JobState[] = [...ENDED_BADLY, ...UNDER_WAY];

/**
 * Finds out what jobs that were broken off have left of a realm, and refuses to go on while it is half written, or just
 * being written to.
 *
 * @param undoes the job that is about to be undone: then nothing is refused
 * @throws AppError HALF_WRITTEN, CATALOG_LOCKED; what asking the databases throws
 */
export async function requireSettled(
  job: Pick<JobContext, 'signal' | 'job'>,
  catalog: Catalog,
  connector: Connector,
  target: Target,
  undoes: string | undefined,
): Promise<void> {
  if (undoes !== undefined) return;
  for (const open of await openJobs(job.signal, catalog, connector, target)) {
    // What it has left itself, when it was broken off, is looked at where it goes on.
    if (open.id === job.job) continue;
    const written = await settled(catalog, connector, open, job.signal);
    if (!written || !mayBeHalfWritten(written)) continue;
    if (written.state !== 'part' && isUnderWay(open)) throw beingWritten(open, written);
    throw halfWritten(catalog, open, written, target);
  }
}

/**
 * Jobs on a realm, in this environment or another that is the same installation, of which it is not known, or bad, what
 * they leave behind. Newest first.
 */
export async function openJobs(
  signal: AbortSignal,
  catalog: Catalog,
  connector: Connector,
  { environment, realm }: Target,
): Promise<Job[]> {
  const open = catalog.jobs
    .list({ states: OPEN_STATES })
    .filter((job) => job.applying?.realm === realm && isOpen(job));
  const isHere = ({ applying }: Job) => applying!.environment === environment;
  if (open.every((job) => isHere(job) || !job.applying!.identities)) return open.filter(isHere);
  const own = new Set(await connector.identities?.(signal));
  return open.filter((job) => isHere(job) || job.applying!.identities?.some((identity) => own.has(identity)));
}

function isOpen({ undoneBy, written }: Job): boolean {
  return undoneBy === undefined && (written === undefined || mayBeHalfWritten(written));
}

export function isUnderWay({ state }: Pick<Job, 'state'>): boolean {
  return UNDER_WAY.includes(state);
}

/** The jobs that may have left a realm half written, as far as can be told without asking anybody. */
export function perhapsHalfWritten(catalog: Catalog): Job[] {
  return catalog.jobs
    .list({ states: ENDED_BADLY })
    .filter(isOpen)
    .filter((job) => {
      const written = writtenAsKnown(catalog, job);
      // So that a long journal is read once.
      if (written && !job.written && written.state !== 'unknown') catalog.jobs.note(job.id, { written });
      return written !== undefined && mayBeHalfWritten(written);
    });
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
  job: Pick<Job, 'id' | 'state' | 'applying' | 'written'>,
  signal: AbortSignal,
): Promise<WrittenView | undefined> {
  if (job.written && job.written.state !== 'unknown') return job.written;
  const hasEnded = !isUnderWay(job);
  const writes = journalledWrites(catalog.jobs.steps(job.id), hasEnded);
  if (!areOfDatabases(writes)) return undefined;
  const asked = await askedCommits(writes, async (facts) => {
    throwIfAborted(signal);
    return (await connector.commitOutcome?.(facts, signal)) ?? 'unknown';
  });
  const written = writtenView(job.applying!, asked);
  if (hasEnded) catalog.jobs.note(job.id, { written });
  return written;
}

/** What can be told of a job without asking anybody; undefined where its journal or its end says all. */
export function writtenAsKnown(catalog: Pick<Catalog, 'jobs'>, job: Job): WrittenView | undefined {
  if (job.written) return job.written;
  if (job.applying === undefined || !ENDED_BADLY.includes(job.state)) return undefined;
  const writes = journalledWrites(catalog.jobs.steps(job.id));
  return areOfDatabases(writes) ? writtenView(job.applying, writes) : undefined;
}

/** As `writtenAsKnown`, also while the job seems to be under way. */
export function writtenSoFar(catalog: Pick<Catalog, 'jobs'>, job: Job): WrittenView | undefined {
  if (!isUnderWay(job) || job.applying === undefined) return writtenAsKnown(catalog, job);
  const writes = journalledWrites(catalog.jobs.steps(job.id), false);
  return areOfDatabases(writes) ? writtenView(job.applying, writes) : undefined;
}

/** That this job undid another: it and what was broken off after it on the same realm are settled. */
export function noteUndone(catalog: Catalog, undone: string, by: string): void {
  const first = catalog.jobs.get(undone);
  catalog.jobs.note(undone, { undoneBy: by });
  if (!first.applying) return;
  const { environment, realm } = first.applying;
  for (const job of catalog.jobs.list({ states: ENDED_BADLY })) {
    const { id, createdAt, applying } = job;
    const isOfIt = applying?.environment === environment && applying.realm === realm;
    if (isOfIt && isOpen(job) && createdAt >= first.createdAt && id !== by)
      catalog.jobs.note(id, { undoneBy: by });
  }
}

function halfWritten(catalog: Catalog, { id }: Pick<Job, 'id'>, written: WrittenView, at: Target): AppError {
  const { environment } = written;
  const same = environment === at.environment ? '' : ` ${at.environment} is the same installation.`;
  const isKnown = catalog.environments.list().some(({ name }) => name === environment);
  const undo = `Bring it back to what it was before: drawbridge rollback ${id}.`;
  return new AppError(
    'HALF_WRITTEN',
    `${written.text} Job ${id} was broken off between its commits.${same}`,
    {
      notChanged: 'Nothing else is written to this realm until that is settled.',
      remedy: isKnown ? undo : `Add the environment “${environment}” again, which was removed. ${undo}`,
      details: { job: id, databases: written.databases },
    },
  );
}

function beingWritten({ id }: Job, { environment, realm, databases }: WrittenView): AppError {
  return new AppError('CATALOG_LOCKED', `Job ${id} is just writing to ${environment}/${realm}.`, {
    notChanged: 'Nothing was planned or written.',
    remedy: `Wait until it has ended (drawbridge job show ${id}). A job whose process was killed shows as running for up to ${LEASE_MILLISECONDS / 1000} seconds.`,
    details: { job: id, databases },
  });
}

/** As `settled`; where the databases cannot be asked, what is known without them. */
export async function settledIfAskable(
  catalog: Catalog,
  connector: Connector,
  job: Job,
  signal: AbortSignal,
): Promise<WrittenView | undefined> {
  try {
    return await settled(catalog, connector, job, signal);
  } catch (error) {
    throwIfAborted(signal);
    if (!isAppError(error)) throw error;
    return writtenAsKnown(catalog, job);
  }
}
