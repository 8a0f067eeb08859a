import { isBegun } from './aside.ts';
import type { OneWalk, WizardDraft } from './draft.ts';

/** What was left in the middle. */
export interface BegunWalks {
  readonly draft: WizardDraft;
  /** The one that the screen would show; otherwise the newest of those that were put aside. */
  readonly first: OneWalk;
  readonly isCurrent: boolean;
  /** How many more were put aside. */
  readonly others: number;
}

/** Undefined: nothing was, or it was put away since it was last changed. */
export function begunWalks(draft: WizardDraft): BegunWalks | undefined {
  const { aside = [], putAway } = draft;
  if (putAway) return undefined;
  if (isBegun(draft)) return { draft, first: draft, isCurrent: true, others: aside.length };
  const [first, ...others] = aside;
  return first && { draft, first, isCurrent: false, others: others.length };
}

/** What becomes of a draft by a change: whatever changes, it is no longer put away. */
export function changed(
  draft: WizardDraft,
  by: Partial<WizardDraft> | ((draft: WizardDraft) => WizardDraft),
): WizardDraft {
  const after = typeof by === 'function' ? by(draft) : { ...draft, ...by };
  if (typeof by !== 'function' && Object.keys(by).length === 0) return after;
  const { putAway: _, ...shown } = after;
  return shown;
}
