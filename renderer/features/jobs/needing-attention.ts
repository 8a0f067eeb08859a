import type { JobView } from '../../../contract/job.ts';

/**
 * The jobs that somebody should look at: they did not end well, and nothing was done about it since.
 *
 * @param jobs newest first; what is done about one is done by a job that came later
 */
export function needingAttention(jobs: readonly JobView[]): JobView[] {
  return jobs.filter((job, at) => endedBadly(job) && !isSettled(job, jobs.slice(0, at)));
}

function endedBadly({ state, undoneBy, written }: JobView): boolean {
  if (undoneBy !== undefined) return false;
  return written?.state === 'part' || ['failed', 'interrupted', 'succeeded_with_errors'].includes(state);
}

/** Whether a later job has done what this one did not. */
function isSettled(job: JobView, later: readonly JobView[]): boolean {
  const done = later.filter(({ state }) => state === 'succeeded');
  if (job.kind !== 'apply' && job.kind !== 'seed')
    return done.some(({ kind, title }) => kind === job.kind && title === job.title);
  // What stands half written is settled by an undoing and by nothing else.
  if (job.written?.state === 'part') return false;
  if (job.state === 'succeeded_with_errors') return isRetried(job, done);
  // What another has written to this realm says nothing of what this one has left in it.
  return wroteNothing(job) && done.some((other) => writesWhere(other, job));
}

function wroteNothing({ begun, written }: JobView): boolean {
  return begun !== true || written?.state === 'nothing';
}

/** Whether all that failed in it was tried again, and worked. */
function isRetried({ id }: JobView, done: readonly JobView[]): boolean {
  const plans = new Set(
    done.flatMap(({ result }) =>
      result?.kind === 'retry-plan' && result.job === id ? [result.plan.plan] : [],
    ),
  );
  return done.some(({ result }) => result?.kind === 'apply' && plans.has(result.result.plan ?? ''));
}

/** Whether it has written to the realm that the other was to write to. */
function writesWhere(one: JobView, other: JobView): boolean {
  const [here, there] = [placeOf(one), placeOf(other)];
  return (
    here !== undefined &&
    there !== undefined &&
    here.environment === there.environment &&
    here.realm === there.realm
  );
}

function placeOf({ target, result }: JobView): JobView['target'] {
  if (result?.kind !== 'apply' && result?.kind !== 'seed') return target;
  // A seeding that found the realm there has done nothing about it.
  return result.result.status === 'exists' ? undefined : result.result;
}
