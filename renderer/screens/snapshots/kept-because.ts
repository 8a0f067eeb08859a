import { reasonText } from '../../../contract/retention-words.ts';
import type { RetentionReason } from '../../../contract/retention.ts';

/** Why a snapshot stays, as the end of a sentence. */
export function keptBecause(reason: RetentionReason): string {
  switch (reason.rule) {
    case 'pinned':
      return 'it is pinned';
    case 'safety':
    case 'recent':
    case 'imported':
    case 'plan':
    case 'job':
    case 'rollback':
    case 'future':
      return reasonText(reason);
    default:
      return `retention keeps it (${reason.rule})`;
  }
}
