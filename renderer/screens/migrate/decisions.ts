import type { PlanItemView, PlanView, PolicyInput } from '../../../contract/plan.ts';
import { answersTo, leavesThemOut, type ItemDecisions } from '../../features/plans/item-decisions.ts';
import { HARMLESS, type WizardDraft } from './draft.ts';

type Decided = WizardDraft['policy'];
type Name = Exclude<keyof Decided, 'exclude'>;

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
  'unsupported=stop': 'Stop at what this route cannot write',
  'unsupported=skip': 'Leave out what this route cannot write',
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

/** Something that was decided, and the way back from it. */
export interface Decision {
  readonly text: string;
  /** The preview does not show it yet. */
  readonly isPending: boolean;
  /** Of one record by its name. */
  readonly entry?: string;
  /** What is decided without it. */
  readonly without: Decided;
}

/** What was decided otherwise than by default, and what was taken back since the preview was made. */
export function decisionsOf(made: Decided, now: Decided): Decision[] {
  return [...byPolicy(made, now), ...byName(made, now)];
}

/** What was decided since a preview was made, a sentence each. */
export function decidedSince(made: Decided, now: Decided): string[] {
  return decisionsOf(made, now)
    .filter(({ isPending }) => isPending)
    .map(({ text }) => text);
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

function byName(made: Decided, now: Decided): Decision[] {
  const [before, after] = [new Set(made.exclude), new Set(now.exclude)];
  const isIn = (entry: string): boolean => after.has(entry);
  return [...new Set([...after, ...before])].map((entry) => ({
    text: isIn(entry) ? `Leave out ${entry}` : `Bring ${entry} after all`,
    isPending: isIn(entry) !== before.has(entry),
    entry,
    without: withExclude(now, isIn(entry) ? [...after].filter((one) => one !== entry) : [...after, entry]),
  }));
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

/** None is as if none had ever been left out. */
function withExclude(policy: Decided, exclude: readonly string[]): Decided {
  const { exclude: _, ...rest } = policy;
  return exclude.length === 0 ? rest : { ...rest, exclude: [...exclude] };
}

/** With nobody left out by name. */
export function withoutNames(policy: Decided): Decided {
  return withExclude(policy, []);
}

function namesIn(...policies: readonly Decided[]): readonly Name[] {
  const names = new Set(policies.flatMap((policy) => Object.keys(policy) as (keyof Decided)[]));
  return [...names].filter((name): name is Name => name !== 'exclude');
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
 * @param mode of the plan: a realm that is created cannot be left out of it
 */
export function itemDecisions(
  { now: policy, made = {} }: { readonly now: Decided; readonly made: Decided | undefined },
  mode: PlanView['mode'],
  change: (policy: Decided) => void,
): ItemDecisions {
  const excluded = new Set(policy.exclude);
  const wereExcluded = new Set(made.exclude);
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
  return {
    isLeftOut: (item) => excluded.has(entryOf(item)),
    // What is only counted, or is left alone anyway, cannot be left out; what was left out by name can come back.
    canLeaveOut: (item) =>
      excluded.has(entryOf(item)) ||
      wereExcluded.has(entryOf(item)) ||
      (WRITTEN.includes(item.action) && !isOutAnyway(item) && (item.section !== 'realm' || mode === 'merge')),
    toggle(item) {
      const entry = entryOf(item);
      change(
        withExclude(
          policy,
          excluded.has(entry) ? [...excluded].filter((one) => one !== entry) : [...excluded, entry],
        ),
      );
    },
    settle(by, among, items = []) {
      if (holding(among)?.change === by) return change(undecided(policy, Object.keys(by) as Name[], made));
      const stronger = among.slice(among.findIndex((answer) => answer.change === by) + 1);
      const beaten = stronger
        .flatMap((answer) => Object.keys(answer.change) as Name[])
        .filter((name) => !(name in by) && policy[name] !== undefined);
      const ofOthers = new Set(items.map(entryOf));
      const exclude = [...excluded].filter((entry) => !ofOthers.has(entry));
      change(withExclude({ ...undecided(policy, beaten, {}), ...by }, exclude));
    },
    holding,
  };
}
