import type { PlanItemView } from '../../../contract/plan.ts';
import { SECTION_WORDS, type Section } from '../../../contract/sections.ts';
import { settlementsOf, type Settlement } from '../../../contract/settling.ts';
import { answersTo } from '../../features/plans/item-decisions.ts';

/** Conflicts that are settled in the same ways. */
export interface Kind {
  readonly id: string;
  readonly section: Section;
  /** Of all of them, as a sentence. */
  readonly reason: string;
  readonly answers: readonly Settlement[];
  /** Whether another name of the realm settles it. */
  readonly byName: boolean;
  /** One at least. */
  readonly items: readonly PlanItemView[];
}

/** @param items conflicts, all of which are kept */
export function kindsOf(items: readonly PlanItemView[]): readonly Kind[] {
  const groups = new Map<string, PlanItemView[]>();
  for (const item of items) {
    const id = `${item.section} ${item.reason}`;
    const group = groups.get(id);
    if (group) group.push(item);
    else groups.set(id, [item]);
  }
  return [...groups].map(([id, group]): Kind => {
    const [first] = group as [PlanItemView, ...PlanItemView[]];
    return {
      id,
      section: first.section,
      reason: reasonOf(group),
      answers: answersTo(first),
      byName:
        first.reason === 'realm-exists' ||
        settlementsOf(first).some(({ flag }) => flag.startsWith('--realm-name')),
      items: group,
    };
  });
}

/** What one record runs into is told of this one only: of several, what they have in common. */
function reasonOf(items: readonly PlanItemView[]): string {
  const [first] = items as [PlanItemView, ...PlanItemView[]];
  if (items.every(({ explanation }) => explanation === first.explanation)) return first.explanation;
  return OF_MANY[first.reason]?.(SECTION_WORDS[first.section][1]) ?? 'Each for a reason of its own.';
}

/** Those whose sentence names something that another record does not have. */
const OF_MANY: Readonly<Record<string, (records: string) => string>> = {
  'email-taken': () =>
    'Their e-mail addresses belong to other users; OpenGate allows each address once in a realm.',
  'client-id-taken': () =>
    'Other realms of the same server have clients of these ids; OpenGate allows each id once.',
  'social-link-taken': () =>
    'These accounts of providers are linked elsewhere; OpenGate allows each account once.',
  'differs-only-by-case': () =>
    'The target has users whose names differ from these only by upper and lower case: most likely the same people.',
  'same-key-there': (records) =>
    `The target’s database takes the names of these ${records} for those of others, by the collation of the column: it holds only one of each.`,
  'value-missing': (records) =>
    `The target cannot hold these ${records} without values of which the source has none.`,
  'value-refused': (records) => `The target cannot hold these ${records} as the source has them.`,
};
