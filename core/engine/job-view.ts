import { jobResult, type JobView } from '../../contract/job.ts';
import type { Job } from '../catalog/jobs/job.ts';

/** A stored job as the contract shows it. */
export function jobView(job: Job): JobView {
  const { id, kind, state, title, createdAt, startedAt, finishedAt, progress, result, error } = job;
  return {
    id,
    kind,
    state,
    title,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(progress && { progress }),
    ...(result && { result: jobResult.parse(result) }),
    ...(error && { error }),
  };
}
