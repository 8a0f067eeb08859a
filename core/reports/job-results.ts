import type { ApplyResult, JobView } from '../../contract/job.ts';

/** What an apply or a seeding came to; undefined of other jobs, and of one that came to nothing. */
export function applyOf({ result }: JobView): ApplyResult | undefined {
  return result?.kind === 'apply' || result?.kind === 'seed' ? result.result : undefined;
}

/** Whether records failed, and the target was read again and found to be as promised in the others. */
export function isRestAsPromised({ failures, deviationCount, verificationSnapshot }: ApplyResult): boolean {
  return failures > 0 && deviationCount === 0 && verificationSnapshot !== null;
}

/** How long a job ran, in milliseconds; undefined while it has not ended. */
export function millisecondsOf({
  startedAt,
  finishedAt,
}: {
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
}): number | undefined {
  if (startedAt === undefined || finishedAt === undefined) return undefined;
  return Date.parse(finishedAt) - Date.parse(startedAt);
}
