import type { ApplyResult, JobReport, JobView } from '../../contract/job.ts';
import type { Io } from '../io.ts';

/**
 * The command that undoes what a job wrote; undefined when it wrote nothing, or was undone already.
 *
 * @param steps undefined: not known; then a job that ended without a result is taken to have written nothing
 */
export function undoCommand(
  io: Pick<Io, 'self'>,
  job: JobView,
  steps?: JobReport['steps'],
): string | undefined {
  if (job.undoneBy !== undefined || !wroteSomething(job, steps)) return undefined;
  return rollbackCommand(io, job.id);
}

export function resumeCommand(io: Pick<Io, 'self'>, job: string): string {
  return `${io.self} job resume ${job}`;
}

export function rollbackCommand(io: Pick<Io, 'self'>, job: string): string {
  return `${io.self} rollback ${job}`;
}

function wroteSomething({ kind, result, written }: JobView, steps: JobReport['steps'] = []): boolean {
  // Whatever else has steps only reads.
  if (kind !== 'apply' && kind !== 'seed') return false;
  // What the databases themselves say, where they were asked.
  if (written) return written.state !== 'nothing';
  if (result) return (result.kind === 'apply' || result.kind === 'seed') && hasWritten(result.result);
  return steps.some(({ outcome }) => outcome !== 'failed');
}

/** Whether an apply that came to a result changed anything. */
export function hasWritten({ status, counts }: ApplyResult): boolean {
  if (status === 'exists' || status === 'nothing-to-do') return false;
  // Of a record that failed, a part may have been written.
  return counts.create + counts.update + counts.delete + counts.failed > 0;
}
