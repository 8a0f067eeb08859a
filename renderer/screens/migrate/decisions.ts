import type { PlanItemView, PlanView, PolicyInput } from '../../../contract/plan.ts';
import {
  answersTo,
  isDeletedByItself,
  isLeftForBeingThere,
  leavesThemOut,
  updatedWith,
  type ItemDecisions,
} from '../../features/plans/item-decisions.ts';
import { HARMLESS, type WizardDraft } from './draft.ts';

type Decided = WizardDraft['policy'];
/** Decided of single records, by their names. */
type List = 'exclude' | 'update';
type Name = Exclude<keyof Decided, List>;

const WORDS: Readonly<Record<string, string>> = {
  'realm=stop': 'Only create the realm',
  'realm=merge': 'Merge into the realm that is there',
  'realm=overwrite': 'Delete and recreate the realm that is there',
  'users=skip': 'Leave users who are there as they are',
  'users=merge': 'Update users who are there',
  'clients=stop': 'Stop at clients that are there',
  'clients=skip': 'Leave clients that are there as they are',
  'clients=update': 'Update clients that are there',
  'extra=keep': 'Keep what only the target has',
  'extra=delete': 'Delete what only the target has',
  'unsupported=stop': 'Stop at what this channel cannot write',
  'unsupported=skip': 'Leave out what this channel cannot write',
  'conflicts=stop': 'Stop at records that cannot be written',
  'conflicts=skip': 'Leave out records that cannot be written',
  'caseVariants=stop': 'Stop at users whose names differ only by upper and lower case',
  'caseVariants=create': 'Create users whose names differ only by upper and lower case',
  'leftovers=stop': 'Stop at what a deleted realm left behind',
  'leftovers=adopt': 'Take over what a deleted realm left behind',
  'leftovers=remove': 'Delete first what a deleted realm left behind',
  'issuedClients=stop': 'Stop at clients that would get another id',
  'issuedClients=leave': 'Leave out clients that would get another id',
  'issuedClients=create': 'Have the server create new clients like these',
};

/** Of one record: what was decided, and that it no longer holds. */
const OF_ONE: Readonly<Record<List, readonly [(entry: string) => string, (entry: string) => string]>> = {
  exclude: [(entry) => `Leave out ${entry}`, (entry) => `Bring ${entry} after all`],
  update: [(entry) => `Update ${entry}`, (entry) => `Do not update ${entry} after all`],
};

/** Of one record that is left out so that it is not deleted. */
const KEPT: (typeof OF_ONE)[List] = [
  (entry) => `Keep ${entry} on the target`,
  (entry) => `Delete ${entry} on the target after all`,
];

/** Something that was decided, and the way back from it. */
export interface Decision {
  readonly text: string;
  /** The preview does not show it yet. */
  readonly isPending: boolean;
  /** Of one record by its name. */
  readonly entry?: string;
  /** The preview was made with the decision to update this record, if it is there. */
  readonly isToUpdate?: true;
  /** What is decided without it. */
  readonly without: Decided;
}

/**
 * What was decided otherwise than by default, and what was taken back since the preview was made.
 *
 * @param kept which of those that are left out stay thereby on the target
 */
export function decisionsOf(made: Decided, now: Decided, kept: readonly string[] = []): Decision[] {
  const isKept = new Set(kept);
  return [
    ...byPolicy(made, now),
    ...byName(made, now, 'update', () => OF_ONE.update),
    ...byName(made, now, 'exclude', (entry) => (isKept.has(entry) ? KEPT : OF_ONE.exclude)),
  ];
}

/** What was decided since a preview was made, a sentence each. */
export function decidedSince(made: Decided, now: Decided): string[] {
  return decisionsOf(made, now)
    .filter(({ isPending }) => isPending)
    .map(({ text }) => text);
}

/**
 * Why the decision to update a record does nothing in a plan that was made with it; undefined: it does something, or may.
 *
 * @param item the record in that plan; undefined: it is the same on both sides, or on neither
 */
export function whyNotUpdated(item: Pick<PlanItemView, 'action' | 'reason'> | undefined): string | undefined {
  if (item?.action === 'create')
    return item.reason === 'replaced-with-realm'
      ? 'Does not apply: it is created with the realm.'
      : 'Does not apply any more: the target does not have it, so it is created.';
  if (item?.reason.startsWith('only-in-target') || item?.reason === 'deleted-with-realm')
    return 'Does not apply any more: the source does not have it.';
  return undefined;
}

function byPolicy(made: Decided, now: Decided): Decision[] {
  return namesIn(now, made).flatMap((name): Decision[] => {
    const [before, value] = [valueOf(made, name), valueOf(now, name)];
    const isPending = before !== value;
    if (!isPending && value === defaultOf(name)) return [];
    const text = WORDS[`${name}=${value}`] ?? `${name}: ${value}`;
    return [{ text, isPending, without: undecided(now, [name], made) }];
  });
}

function byName(
  made: Decided,
  now: Decided,
  list: List,
  words: (entry: string) => (typeof OF_ONE)[List],
): Decision[] {
  const [before, after] = [new Set(made[list]), new Set(now[list])];
  return [...new Set([...after, ...before])].map((entry) => {
    const [held, over] = words(entry);
    const isPending = after.has(entry) !== before.has(entry);
    return {
      text: after.has(entry) ? held(entry) : over(entry),
      isPending,
      entry,
      ...(list === 'update' && !isPending && { isToUpdate: true as const }),
      without: toggled(now, list, entry),
    };
  });
}

/** @param made what is gone back to where that is something else; the default otherwise */
function undecided(policy: Decided, names: readonly Name[], made: Decided): Decided {
  const decided: Record<string, unknown> = { ...policy };
  for (const name of names) {
    const value =
      valueOf(made, name) === valueOf(policy, name) ? HARMLESS[name] : (made[name] ?? HARMLESS[name]);
    if (value === undefined) delete decided[name];
    else decided[name] = value;
  }
  return decided;
}

/** None is as if none had ever been named. */
function withNames(policy: Decided, list: List, entries: readonly string[]): Decided {
  const { [list]: _, ...rest } = policy;
  return entries.length === 0 ? rest : { ...rest, [list]: [...entries] };
}

/** With no record in the list. */
export function withoutNames(policy: Decided, list: List): Decided {
  return withNames(policy, list, []);
}

function without(policy: Decided, list: List, entries: ReadonlySet<string>): Decided {
  const named = policy[list] ?? [];
  return withNames(
    policy,
    list,
    named.filter((entry) => !entries.has(entry)),
  );
}

/** What is left out is not updated, and the other way round: the last decision counts. */
function toggled(policy: Decided, list: List, entry: string): Decided {
  const named = policy[list] ?? [];
  const of = new Set([entry]);
  if (named.includes(entry)) return without(policy, list, of);
  const other = list === 'exclude' ? 'update' : 'exclude';
  return withNames(without(policy, other, of), list, [...named, entry]);
}

function namesIn(...policies: readonly Decided[]): readonly Name[] {
  const names = new Set(policies.flatMap((policy) => Object.keys(policy) as (keyof Decided)[]));
  return [...names].filter((name): name is Name => name !== 'exclude' && name !== 'update');
}

function valueOf(policy: Decided, name: Name): string {
  return policy[name] ?? defaultOf(name);
}

function defaultOf(name: Name): string {
  return HARMLESS[name] ?? 'stop';
}

const entryOf = ({ section, key }: PlanItemView): string => `${section}/${key}`;

const WRITTEN: readonly PlanItemView['action'][] = ['create', 'update', 'delete', 'conflict'];

/**
 * Decisions about items, as changes of the policy.
 *
 * @param made what was decided when the preview was made
 * @param kept which of those that are left out stay thereby on the target
 * @param mode of the plan: a realm that is created cannot be left out of it
 * @param change is given `kept` where that changes, too
 */
export function itemDecisions(
  {
    now: policy,
    made = {},
    kept = [],
  }: { readonly now: Decided; readonly made: Decided | undefined; readonly kept?: readonly string[] },
  mode: PlanView['mode'],
  change: (policy: Decided, kept?: string[]) => void,
): ItemDecisions {
  const excluded = new Set(policy.exclude);
  const wereExcluded = new Set(made.exclude);
  const isKept = new Set(kept);
  const updated = new Set(policy.update);
  const wereUpdated = new Set(made.update);
  const isGiven = (by: PolicyInput): boolean => {
    const answers = Object.entries(by);
    return answers.length > 0 && answers.every(([name, value]) => policy[name as keyof Decided] === value);
  };
  // What is said of one kind of record counts before what is said of all, and stands behind it.
  const holding: ItemDecisions['holding'] = (among) => among.findLast((answer) => isGiven(answer.change));
  const isOutAnyway = (item: PlanItemView): boolean => {
    const holds = holding(answersTo(item));
    return holds !== undefined && leavesThemOut(holds, item);
  };
  const keeps = (item: PlanItemView): boolean => isDeletedByItself(item) || isKept.has(entryOf(item));
  return {
    isLeftOut: (item) => excluded.has(entryOf(item)),
    // What is only counted, or is left alone anyway, cannot be left out; what was left out by name can come back.
    canLeaveOut: (item) =>
      excluded.has(entryOf(item)) ||
      wereExcluded.has(entryOf(item)) ||
      (WRITTEN.includes(item.action) && !isOutAnyway(item) && (item.section !== 'realm' || mode === 'merge')),
    toggle(item) {
      const entry = entryOf(item);
      const next = toggled(policy, 'exclude', entry);
      const named = new Set([...(next.exclude ?? []), ...wereExcluded]);
      const others = kept.filter((one) => one !== entry && named.has(one));
      change(next, keeps(item) ? [...others, entry] : others);
    },
    keeps,
    isUpdated: (item) => updated.has(updatedWith(item) ?? ''),
    canUpdate(item) {
      const entry = updatedWith(item);
      if (entry === undefined) return false;
      if (updated.has(entry)) return true;
      const isAnyway = item.section === 'clients' ? policy.clients === 'update' : policy.users === 'merge';
      return !isAnyway && (wereUpdated.has(entry) || isLeftForBeingThere(item));
    },
    toggleUpdate(item) {
      const entry = updatedWith(item);
      if (entry !== undefined) change(toggled(policy, 'update', entry));
    },
    settle(by, among, items = []) {
      if (holding(among)?.change === by) return change(undecided(policy, Object.keys(by) as Name[], made));
      const stronger = among.slice(among.findIndex((answer) => answer.change === by) + 1);
      const beaten = stronger
        .flatMap((answer) => Object.keys(answer.change) as Name[])
        .filter((name) => !(name in by) && policy[name] !== undefined);
      const ofOthers = new Set(items.map(entryOf));
      const open = without(without(policy, 'exclude', ofOthers), 'update', ofOthers);
      change({ ...undecided(open, beaten, {}), ...by });
    },
    holding,
  };
}
