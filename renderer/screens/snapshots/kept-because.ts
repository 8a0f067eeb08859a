import type { RetentionReason } from '../../../contract/retention.ts';

/** Why a snapshot stays, as the end of a sentence. */
export function keptBecause({ rule, by = '' }: RetentionReason): string {
  switch (rule) {
    case 'pinned':
      return 'it is pinned';
    case 'plan':
      return `plan ${by} needs it`;
    case 'job':
      return `job ${by} needs it`;
    case 'rollback':
      return `job ${by} is undone with it`;
    case 'safety':
    case 'recent':
      return 'it was taken around a job, lately';
    case 'future':
      return 'its time has not come: a clock was wrong';
    default:
      return `retention keeps it (${rule})`;
  }
}
