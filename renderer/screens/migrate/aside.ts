import { previewKey, type OneWalk, type WizardDraft } from './draft.ts';
import { newestThatFit } from './newest.ts';

/** How many walks are put aside, and how long they may be together, in characters. */
const MOST = 5;
const MOST_TEXT = 100_000;

/** Which walk it is: two of which this is the same differ in nothing that was chosen. */
export function walkKey(walk: OneWalk): string {
  const { origin, preview } = walk;
  return origin.kind === 'plan' ? JSON.stringify([origin, preview?.plan]) : previewKey(walk);
}

/** As a link asked for it: what nobody has touched, the same link brings again. */
export function asLinked(draft: WizardDraft): WizardDraft {
  return { ...draft, linked: walkKey(draft) };
}

/** Whether something would be lost with it. */
export function isBegun(walk: OneWalk): boolean {
  const { origin, source, step, run, preview, linked } = walk;
  if (step === 'report' || run !== undefined) return false;
  if (origin.kind !== 'choices') return true;
  return source !== undefined && (preview !== undefined || linked !== walkKey(walk));
}

/** In the place of another walk, which is put aside if it was begun, before those that were so already. */
export function insteadOf(draft: WizardDraft, { aside = [], ...before }: WizardDraft): WizardDraft {
  const now = walkKey(draft);
  const others = isBegun(before) ? without(aside, before) : aside;
  const list = [...(isBegun(before) ? [before] : []), ...others].filter((walk) => walkKey(walk) !== now);
  return withAside(draft, list);
}

/** Back to one that was put aside, in the place of this one. */
export function backTo(walk: OneWalk, draft: WizardDraft): WizardDraft {
  return insteadOf(walk, withoutAside(draft, walk));
}

export function withoutAside(draft: WizardDraft, walk: OneWalk): WizardDraft {
  return withAside(draft, without(draft.aside ?? [], walk));
}

/** With one more that is put aside, as the newest. */
export function withAsideAgain(draft: WizardDraft, walk: OneWalk): WizardDraft {
  return withAside(draft, [walk, ...without(draft.aside ?? [], walk)]);
}

function without(list: readonly OneWalk[], walk: OneWalk): OneWalk[] {
  const key = walkKey(walk);
  return list.filter((one) => walkKey(one) !== key);
}

function withAside(draft: WizardDraft, list: readonly OneWalk[]): WizardDraft {
  const { aside: _, ...walk } = draft;
  const kept = newestThatFit(withoutSurplus(list), MOST, MOST_TEXT);
  return kept.length === 0 ? walk : { ...walk, aside: kept };
}

/** Where there are too many, the first to go is one that takes no decisions: its job or its plan leads to it again. */
function withoutSurplus(list: readonly OneWalk[]): readonly OneWalk[] {
  if (list.length <= MOST) return list;
  const surplus = list.findLastIndex(({ origin }, at) => at > 0 && origin.kind !== 'choices');
  return list.filter((_, at) => at !== surplus);
}
