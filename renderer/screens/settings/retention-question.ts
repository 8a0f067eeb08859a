import type { RetentionView } from '../../../contract/retention.ts';
import { count, counted } from '../../design/moments.ts';

/** What is asked before a policy is carried out. */
export interface RetentionQuestion {
  readonly title: string;
  /** What the button does, as it says itself. */
  readonly action: string;
  /** How many snapshots leave where they are: to be typed. */
  readonly typed: { readonly label: string; readonly text: string };
  /** What goes and what stays, a sentence each. */
  readonly sentences: readonly string[];
}

/**
 * What carrying it out would do, said as what it is: what has been in the trash for too long is deleted for good, and that
 * alone may be all.
 *
 * @param view of which something goes
 */
export function retentionQuestion({
  trashed,
  expired,
  kept,
  grace,
}: Pick<RetentionView, 'trashed' | 'expired' | 'kept' | 'grace'>): RetentionQuestion {
  const goes = trashed + expired;
  const deleted = `${counted(expired, 'snapshot that has', 'snapshots that have')} been in the trash for longer than ${grace} ${expired === 1 ? 'is' : 'are'} deleted for good. This cannot be undone.`;
  const stays = `${counted(kept, 'stays', 'stay')}.`;
  const typed = { label: `Type ${goes}, how many go`, text: String(goes) };
  if (trashed === 0)
    return {
      title: expired === 1 ? 'Delete this snapshot for good?' : 'Delete these snapshots for good?',
      action: `Delete ${counted(expired, 'snapshot')} for good`,
      typed,
      sentences: [deleted, 'None goes to the trash.', stays],
    };
  const moved = `${counted(trashed, 'snapshot goes', 'snapshots go')} to the trash, for ${grace}: until then each can be had back.`;
  const move = `Move ${counted(trashed, 'snapshot')} to the trash`;
  return {
    title: 'Let these snapshots go?',
    action: expired === 0 ? move : `${move}, delete ${count(expired)} for good`,
    typed,
    sentences: [moved, stays, ...(expired > 0 ? [deleted] : [])],
  };
}
