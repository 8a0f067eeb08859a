import type { PlanItemView, PlanView, PolicyInput } from '../../../contract/plan.ts';
import type { ItemDecisions } from '../../features/plans/item-drawer.tsx';
import type { WizardDraft } from './draft.ts';

type Decided = WizardDraft['policy'];

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
  'unsupported=skip': 'Leave out what this route cannot write',
  'conflicts=skip': 'Leave out records that cannot be written',
  'caseVariants=create': 'Create users whose names differ only by upper and lower case',
  'leftovers=adopt': 'Take over what a deleted realm left behind',
  'leftovers=remove': 'Delete first what a deleted realm left behind',
  'issuedClients=leave': 'Leave out clients that would get another id',
  'issuedClients=create': 'Have the server create new clients like these',
};

/** What was decided since a preview was made, a sentence each. */
export function decidedSince(made: Decided, now: Decided): string[] {
  const [before, after] = [new Set(made.exclude), new Set(now.exclude)];
  const single = Object.entries(now)
    .filter(
      ([name, value]) => name !== 'exclude' && value !== undefined && value !== made[name as keyof Decided],
    )
    .map(([name, value]) => WORDS[`${name}=${String(value)}`] ?? `${name}: ${String(value)}`);
  return [
    ...single,
    ...[...after].filter((entry) => !before.has(entry)).map((entry) => `Leave out ${entry}`),
    ...[...before].filter((entry) => !after.has(entry)).map((entry) => `Bring ${entry} after all`),
  ];
}

const entryOf = ({ section, key }: PlanItemView): string => `${section}/${key}`;

/**
 * Decisions about items, as changes of the policy.
 *
 * @param made what was decided when the preview was made
 * @param mode of the plan: a realm that is created cannot be left out of it
 */
export function itemDecisions(
  { now: policy, made }: { readonly now: Decided; readonly made: Decided | undefined },
  mode: PlanView['mode'],
  change: (policy: Decided) => void,
): ItemDecisions {
  const excluded = new Set(policy.exclude);
  const isSettledBy = (by: PolicyInput): boolean =>
    Object.entries(by).every(([name, value]) => policy[name as keyof Decided] === value);
  return {
    isLeftOut: (item) => excluded.has(entryOf(item)),
    // What is only counted, or is left alone anyway, cannot be left out; what was left out by name can come back.
    canLeaveOut: (item) =>
      excluded.has(entryOf(item)) ||
      (['create', 'update', 'delete', 'conflict'].includes(item.action) &&
        (item.section !== 'realm' || mode === 'merge')),
    toggle(item) {
      const entry = entryOf(item);
      const exclude = excluded.has(entry)
        ? [...excluded].filter((one) => one !== entry)
        : [...excluded, entry];
      const { exclude: _, ...rest } = policy;
      // None is as if none had ever been left out.
      change(exclude.length === 0 ? rest : { ...rest, exclude });
    },
    settle(by: PolicyInput) {
      if (!isSettledBy(by)) return change({ ...policy, ...by });
      const names = new Set(Object.keys(by));
      const of = (decided: Decided, isWanted: (name: string) => boolean): Decided =>
        Object.fromEntries(Object.entries(decided).filter(([name]) => isWanted(name)));
      change({ ...of(policy, (name) => !names.has(name)), ...of(made ?? {}, (name) => names.has(name)) });
    },
    isSettledBy,
  };
}
