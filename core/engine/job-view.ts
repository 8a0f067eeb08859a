import { jobResult, type JobView } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import { displayKey } from '../model/natural-key.ts';
import { isResumable } from '../jobs/resumable.ts';
import { writtenAsKnown } from '../jobs/settle.ts';

/** A stored job as the contract shows it. Asks no environment anything. */
export function jobView(catalog: Pick<Catalog, 'jobs'>, job: Job): JobView {
  const { id, kind, state, title, createdAt, startedAt, finishedAt, attempts, progress, result, error } = job;
  const written = writtenAsKnown(catalog, job);
  const target = job.target ?? job.applying;
  return {
    id,
    kind,
    state,
    title,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(target && { target: { environment: target.environment, realm: target.realm } }),
    attempts,
    resumable: isResumable(catalog, job),
    ...(progress && { progress }),
    ...(result && { result: jobResult.parse(result) }),
    ...(error && { error }),
    ...(typeof job.applying?.safetySnapshot === 'string' && { safetySnapshot: job.applying.safetySnapshot }),
    ...(job.applying && { begun: true }),
    ...(written && { written }),
    ...(job.undoneBy !== undefined && { undoneBy: job.undoneBy }),
    ...(job.issued && { issued: job.issued.map((of) => ({ ...of, key: displayKey(of.key) })) }),
    ...(job.secretsKept !== undefined && { secretsKept: job.secretsKept }),
    ...(job.unrecorded && { unrecorded: true as const }),
  };
}
