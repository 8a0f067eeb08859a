import type { PlanItemView, PolicyInput } from '../../../contract/plan.ts';
import { settlementsOf, type Settlement } from '../../../contract/settling.ts';
import { settlementText } from './plan-words.ts';

/** What can be decided of single items. Nothing of it holds before the preview is made anew. */
export interface ItemDecisions {
  readonly isLeftOut: (item: PlanItemView) => boolean;
  /** Whether it can be left out by itself, or brought after all. */
  readonly canLeaveOut: (item: PlanItemView) => boolean;
  readonly toggle: (item: PlanItemView) => void;
  /** Whether to leave it out is to keep on the target what would be deleted there. */
  readonly keeps: (item: PlanItemView) => boolean;
  /** Whether it is to be changed, as one alone, though others that are there are not. */
  readonly isUpdated: (item: PlanItemView) => boolean;
  /** Whether that can be decided of it, or taken back. */
  readonly canUpdate: (item: PlanItemView) => boolean;
  readonly toggleUpdate: (item: PlanItemView) => void;
  /**
   * Of every item that this settles, of whatever kind. What is settled by it already is open again.
   *
   * @param among the answers that there are: those that would win over this one are taken back
   * @param items that were decided on one by one, and are so no longer
   */
  readonly settle: (
    change: PolicyInput,
    among: readonly Settlement[],
    items?: readonly PlanItemView[],
  ) => void;
  /** Which of these answers holds; undefined: none was given. */
  readonly holding: (among: readonly Settlement[]) => Settlement | undefined;
}

/** What can be decided of all items like this one: of a conflict, and of what was left out by such a decision. */
export function answersTo(item: PlanItemView): readonly Settlement[] {
  if (item.action === 'conflict') return answersOnly(settlementsOf(item));
  if (item.action !== 'skip') return [];
  if (item.reason === 'exists-policy-skip') return item.section === 'clients' ? CLIENTS : USERS;
  return DECIDED.has(item.reason) ? answersOnly(settlementsOf(item)) : [];
}

/** The name of what is changed if this one is: of a credential its user. Undefined: it cannot be so decided of it. */
export function updatedWith({ section, key }: PlanItemView): string | undefined {
  if (section === 'users' || section === 'clients') return `${section}/${key}`;
  return section === 'credentials' ? `users/${key.slice(0, key.lastIndexOf('/'))}` : undefined;
}

/** Whether it would be deleted, and is not where it is left out: not so where the realm goes as a whole. */
export function isDeletedByItself({ action, reason }: PlanItemView): boolean {
  return (action === 'delete' && reason === 'only-in-target-deleted') || reason === 'source-in-doubt';
}

/** Whether it is not written only because something is there already that differs. */
export function isLeftForBeingThere({ reason }: PlanItemView): boolean {
  return reason === 'exists-policy-skip' || reason === 'exists-policy-stop';
}

function answersOnly(settlements: readonly Settlement[]): readonly Settlement[] {
  return settlements.filter(({ change }) => Object.keys(change).length > 0);
}

/** Reasons for which a record is left out because somebody decided so of all like it. */
const DECIDED: ReadonlySet<string> = new Set([
  'client-id-taken',
  'differs-only-by-case',
  'email-taken',
  'key-is-issued',
  'route-cannot',
  'same-key-there',
  'social-link-taken',
  'target-unknown',
  'value-missing',
  'value-refused',
]);

const CLIENTS = answersOnly(settlementsOf({ section: 'clients', reason: 'exists-policy-stop' }));
/** No conflict: that users who are there stay as they are is decided from the beginning. */
const USERS: readonly Settlement[] = [
  { change: { users: 'merge' }, flag: '--users merge', meaning: 'update all users who are there' },
];

/** Whether an answer leaves the records that it is given for as they are on the target. */
export function leavesThemOut({ change }: Settlement, { reason }: Pick<PlanItemView, 'reason'>): boolean {
  return (
    change.conflicts === 'skip' ||
    change.clients === 'skip' ||
    change.issuedClients === 'leave' ||
    // Of what is enabled there it says the contrary.
    (change.unsupported === 'skip' && reason !== 'enabled-there')
  );
}

/** What is decided of an item by now; undefined where the preview that it stands in shows just that. */
export function decidedText(item: PlanItemView, decisions: ItemDecisions): string | undefined {
  const isOut = item.action === 'skip' && item.reason === 'excluded';
  const keeps = decisions.keeps(item);
  if (decisions.isLeftOut(item)) {
    if (isOut) return undefined;
    return keeps
      ? 'You have decided that this record is kept on the target.'
      : 'You have left this record out.';
  }
  if (isOut && decisions.canLeaveOut(item))
    return keeps
      ? 'You have decided that this record is deleted on the target after all.'
      : 'You have brought this record after all.';
  if (decisions.isUpdated(item) && isLeftForBeingThere(item))
    return 'You have decided that this one is updated.';
  if (decisions.canUpdate(item) && !decisions.isUpdated(item) && !isLeftForBeingThere(item))
    return 'You have decided that this one is not updated after all.';
  const holds = decisions.holding(answersTo(item));
  if (!holds || (item.action === 'skip' && leavesThemOut(holds, item))) return undefined;
  return `You have decided: ${settlementText(holds)}.`;
}
