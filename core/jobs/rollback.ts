import { AppError } from '../../contract/errors.ts';
import { jobResult } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';

export interface Rollback {
  /** The job to be undone. */
  readonly job: string;
  readonly target: { readonly environment: string; readonly realm: string };
  readonly safetySnapshot: string;
  readonly policy: PolicyInput;
}

/**
 * What brings a realm back to what it was before a job wrote to it.
 *
 * @throws AppError NOT_FOUND, AMBIGUOUS; USAGE when the job has nothing to be undone
 */
export function rollbackOf(catalog: Catalog, idOrPrefix: string): Rollback {
  const job = catalog.jobs.get(idOrPrefix);
  const safety = safetySnapshotOf(job);
  if (safety === undefined)
    throw new AppError('USAGE', `Job ${job.id} has left nothing to go back to.`, {
      notChanged: 'Nothing was planned.',
      remedy: `See what it did: drawbridge job report ${job.id}.`,
    });
  const { environment, realm } = catalog.snapshots.get(safety);
  return {
    job: job.id,
    target: { environment: environment!, realm },
    safetySnapshot: safety,
    policy: { realm: 'overwrite', unsupported: 'skip' },
  };
}

function safetySnapshotOf({ result, error }: Job): string | undefined {
  const ended = result && jobResult.parse(result);
  if (ended?.kind === 'apply' || ended?.kind === 'seed') return ended.result.safetySnapshot ?? undefined;
  const told = error?.details['safetySnapshot'];
  return typeof told === 'string' ? told : undefined;
}
