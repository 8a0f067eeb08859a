import { AppError, isAppError } from '../../contract/errors.ts';
import type { JobInput } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import { LEASE_MILLISECONDS } from '../catalog/jobs/leases.ts';
import { STANDARD_OUTPUT } from './files/whole-file.ts';
import { isUnderWay, writtenAsKnown } from './settle.ts';

/** Why a job cannot go on. */
type Obstacle =
  | 'under-way'
  | 'succeeded'
  | 'undone'
  | 'half-written'
  | 'ran-to-its-end'
  | 'nothing-begun'
  | 'keys-not-kept';

/** Kinds of job that are given secrets with their request, which no journal keeps. */
const TAKES_KEYS: ReadonlySet<string> = new Set<JobInput['kind']>(['export-archive', 'pseudonymize']);

/** Whether a job that was broken off, canceled or failed can go on where it stopped, as far as the catalog tells. */
export function isResumable(catalog: Pick<Catalog, 'jobs'>, job: Job): boolean {
  return obstacleOf(catalog, job) === undefined;
}

function obstacleOf(catalog: Pick<Catalog, 'jobs'>, job: Job): Obstacle | undefined {
  const { state, undoneBy, result, applying, kind } = job;
  if (isUnderWay(job)) return 'under-way';
  if (state === 'succeeded' || state === 'succeeded_with_errors') return 'succeeded';
  if (undoneBy !== undefined) return 'undone';
  if (result) return 'ran-to-its-end';
  if (TAKES_KEYS.has(kind)) return 'keys-not-kept';
  // Whoever read it has the beginning, and would get another.
  if (kind === 'export-file' && job.params['path'] === STANDARD_OUTPUT) return 'nothing-begun';
  if (writtenAsKnown(catalog, job)?.state === 'part') return 'half-written';
  if (state === 'failed' && !applying && (kind !== 'backup' || namedNothing(job))) return 'nothing-begun';
  return undefined;
}

/** A realm that is not there has nothing that could be gone on with. */
function namedNothing({ error }: Job): boolean {
  return error !== undefined && ['REALM_NOT_FOUND', 'NOT_FOUND', 'INVALID_NAME'].includes(error.code);
}

/**
 * @throws AppError CATALOG_LOCKED while it runs; HALF_WRITTEN; USAGE when there is nothing to go on with; NOT_FOUND when its
 *   environment was removed
 */
export function requireResumable(catalog: Catalog, job: Job): void {
  const { id, state, undoneBy } = job;
  const obstacle = obstacleOf(catalog, job);
  switch (obstacle) {
    case undefined:
      requireEnvironment(catalog, job);
      return;
    case 'under-way':
      throw new AppError('CATALOG_LOCKED', `Job ${id} is running.`, {
        notChanged: 'Nothing was started.',
        remedy: `Wait until it has ended (drawbridge job show ${id}), or stop it: drawbridge job cancel ${id}. A job whose process was killed shows as running for up to ${LEASE_MILLISECONDS / 1000} seconds: then try again.`,
        details: { job: id },
      });
    case 'half-written':
      throw new AppError(
        'HALF_WRITTEN',
        `${writtenAsKnown(catalog, job)!.text} Job ${id} cannot be continued from there.`,
        {
          notChanged: 'Nothing more was written.',
          remedy: `Bring the realm back to what it was before, then apply a new plan: drawbridge rollback ${id}.`,
          details: { job: id },
        },
      );
    case 'undone':
      throw refusal(id, `Job ${id} has been undone by job ${undoneBy}.`, 'To do it again, make a new plan.');
    case 'succeeded':
      throw refusal(
        id,
        `Job ${id} has ended (${state.replaceAll('_', ' ')}): there is nothing left to go on with.`,
        state === 'succeeded'
          ? `See what it did: drawbridge job show ${id}.`
          : `To try what failed once more: drawbridge job retry ${id}.`,
      );
    case 'ran-to-its-end':
      throw refusal(
        id,
        `Job ${id} ran to its end, and what it came to is not as promised.`,
        `See in what: drawbridge job report ${id}. A new plan shows what is left to do.`,
      );
    case 'keys-not-kept':
      throw refusal(
        id,
        `Job ${id} may have been given secrets with its request, and these are not kept.`,
        'Start it anew: nothing of it was stored.',
      );
    case 'nothing-begun':
      throw refusal(
        id,
        `Job ${id} failed before it had begun anything that could be continued.`,
        `See why, and start it anew: drawbridge job show ${id}.`,
      );
  }
}

function refusal(job: string, message: string, remedy: string): AppError {
  return new AppError('USAGE', message, { notChanged: 'Nothing was started.', remedy, details: { job } });
}

function requireEnvironment(catalog: Catalog, { id, applying, params }: Job): void {
  const environment = applying?.environment ?? params['environment'];
  if (typeof environment !== 'string') return;
  try {
    catalog.environments.get(environment);
  } catch (error) {
    if (!isAppError(error, 'NOT_FOUND')) throw error;
    throw new AppError('NOT_FOUND', `The environment “${environment}” of job ${id} was removed.`, {
      notChanged: 'Nothing was started.',
      remedy: `Add it again under this name, with the address that it had, then: drawbridge job resume ${id}.`,
      details: { job: id, environment },
      cause: error,
    });
  }
}
