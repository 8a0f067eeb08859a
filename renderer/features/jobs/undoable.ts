import type { ApplyResult, JobView } from '../../../contract/job.ts';

/** Whether an apply that came to a result has changed anything. */
function hasWritten({ status, counts }: ApplyResult): boolean {
  if (status === 'exists' || status === 'nothing-to-do') return false;
  return counts.create + counts.update + counts.delete > 0;
}

/** Whether there is something to be undone. Of a job without a result only its databases tell, or that it had begun to write. */
export function canBeUndone({ kind, result, written, undoneBy, begun }: JobView): boolean {
  if ((kind !== 'apply' && kind !== 'seed') || undoneBy !== undefined) return false;
  if (written) return written.state !== 'nothing';
  if (result) return (result.kind === 'apply' || result.kind === 'seed') && hasWritten(result.result);
  return begun === true;
}
