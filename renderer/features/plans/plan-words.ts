import { ACTIONS, type PlanView } from '../../../contract/plan.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import type { Settlement } from '../../../contract/settling.ts';
import { listed } from '../../../contract/numbers.ts';
import { ifThereIsOne } from '../../../contract/unseen-losses.ts';
import { quoted } from '../../../contract/visible.ts';
import { counted } from '../../design/moments.ts';
import { countedRecords } from './section-words.ts';

export type Action = (typeof ACTIONS)[number];

export const ACTION_TITLES: Readonly<Record<Action, string>> = {
  create: 'Create',
  update: 'Change',
  unchanged: 'Unchanged',
  skip: 'Leave out',
  delete: 'Delete',
  conflict: 'Conflict',
};

/** What the plan would do with the realm as a whole, in sentences. What is blocked does nothing: that comes first. */
export function planSentence(plan: PlanView): string {
  if (!plan.blocked) return doneSentence(plan);
  if (stopsAtRealm(plan))
    return `Nothing will be written: there is a ${realmText(plan)} already, and only a realm that is not there was to be created.`;
  return `Nothing will be written before the conflicts are settled. Once they are: ${lowerFirst(doneSentence(plan))}`;
}

/** The realm is there, and was not to be touched: whatever else is counted, it all waits for another decision. */
function stopsAtRealm({ policy, target, mode }: PlanView): boolean {
  return target.exists && mode === 'merge' && (policy.realm ?? 'stop') === 'stop';
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

function realmText({ target }: PlanView): string {
  return `realm ${quoted(target.realm)} on ${quoted(target.environment)}`;
}

function doneSentence(plan: PlanView): string {
  const { source, target, mode, leavesNoRealm, undoes } = plan;
  const realm = realmText(plan);
  if (mode === 'remove') return `The ${realm} will be deleted, with everything that bears its name.`;
  if (leavesNoRealm) return `${leftoversSentence(plan, realm)}; afterwards there is no realm of this name.`;
  const from = sourceText(source);
  switch (mode) {
    case 'create':
      return `The ${realm} will be created from ${from}.`;
    case 'overwrite':
      return target.exists
        ? `The ${realm} will be deleted and created again from ${from}.`
        : `The ${realm} will be created from ${from}.${leftoversFate(plan)}`;
    case 'merge':
      return undoes === undefined
        ? `The ${realm} will be changed in place, towards ${from}.`
        : `The ${realm} will be brought back in place to ${from}.`;
  }
}

function sourceText({ snapshot, realm, environment, pseudonymized }: PlanView['source']): string {
  const origin = pseudonymized ? pseudonymized.environment : environment;
  const what = `${quoted(realm)}${origin === undefined ? '' : ` of ${quoted(origin)}`}`;
  return pseudonymized
    ? `a pseudonymised copy of ${what}, snapshot ${snapshot}`
    : `what ${what} was in snapshot ${snapshot}`;
}

/** Of an undoing that ends with what a deleted realm had left behind. */
function leftoversSentence({ mode, target }: PlanView, realm: string): string {
  if (mode === 'create') return `What a deleted ${realm} had left behind will be brought back`;
  const gone = target.exists
    ? `The ${realm} will be deleted`
    : `What is left of the ${realm} will be deleted`;
  return mode === 'overwrite'
    ? `${gone}, and what a deleted one had left behind will be put in its place`
    : `${gone}, and what a deleted one had left behind will be brought back to what it was, in place`;
}

/** What becomes of that which a deleted realm of the name left behind, where one is created in its place. */
function leftoversFate({ leftovers }: PlanView): string {
  const [deleted, staying] = [recordsIn(leftovers?.deleted), recordsIn(leftovers?.staying)];
  return [
    ...(deleted === '' ? [] : [` First ${deleted} that a deleted one left behind will be deleted.`]),
    ...(staying === '' ? [] : [` ${staying} of it cannot be deleted, and will be taken over.`]),
  ].join('');
}

function recordsIn(counts: NonNullable<PlanView['leftovers']>['deleted'] = {}): string {
  return listed(
    SECTIONS.flatMap((section) => {
      const number = counts[section] ?? 0;
      return number > 0 ? [countedRecords(section, number)] : [];
    }),
  );
}

/** What carries the plan out, as the button says it. */
export function actionText({ mode, undoes, leavesNoRealm, target }: PlanView): string {
  const where = quoted(target.realm);
  if (leavesNoRealm) return `Bring back what was left of ${where}`;
  if (undoes !== undefined && mode !== 'remove') return `Bring ${where} back`;
  switch (mode) {
    case 'create':
      return `Create ${where}`;
    case 'merge':
      return `Change ${where}`;
    case 'overwrite':
      return target.exists ? `Delete and recreate ${where}` : `Create ${where}`;
    case 'remove':
      return `Delete ${where}`;
  }
}

/** How many items have each action, over all sections. */
export function totalsOf({ sections }: PlanView): Readonly<Record<Action, number>> {
  const totals = { create: 0, update: 0, unchanged: 0, skip: 0, delete: 0, conflict: 0 };
  for (const counts of Object.values(sections))
    for (const action of ACTIONS) totals[action] += counts[action];
  return totals;
}

const VERBS = [
  ['create', 'Creates', 'Would create'],
  ['update', 'Changes', 'Would change'],
  ['delete', 'Deletes', 'Would delete'],
] as const;

/** "Creates 12 users and 3 roles. Changes 1 client. 4 records stay as they are." */
export function countsSentence(plan: PlanView): string {
  const totals = totalsOf(plan);
  const written = VERBS.flatMap(([action, does, would]) => {
    const verb = plan.blocked ? would : does;
    const parts = SECTIONS.flatMap((section) => {
      const number = plan.sections[section]?.[action] ?? 0;
      return number === 0
        ? []
        : [section === 'realm' ? 'the realm’s settings' : countedRecords(section, number)];
    });
    return parts.length === 0 ? [] : [`${verb} ${listed(parts)}.`];
  });
  return [
    ...written,
    ...(totals.unchanged > 0
      ? [`${counted(totals.unchanged, 'record is', 'records are')} the same already.`]
      : []),
    ...(totals.skip > 0
      ? [`${counted(totals.skip, 'record is', 'records are')} left out or left alone.`]
      : []),
    ...(totals.conflict > 0
      ? [`${counted(totals.conflict, 'conflict has', 'conflicts have')} to be settled first.`]
      : []),
  ].join(' ');
}

/** What is lost for good, a phrase each; none when nothing is. */
export function lossTexts({ losses }: Pick<PlanView, 'losses'>): string[] {
  const { users, passwordHashes, otherCredentials = {}, clientSecrets, unseen, sessions, records } = losses;
  return [
    ...(users > 0 ? [`${counted(users, 'user')} will be gone`] : []),
    ...(passwordHashes > 0
      ? [
          counted(passwordHashes, 'user stays but loses the password', 'users stay but lose the password') +
            ifThereIsOne(passwordHashes, unseen?.passwordHashes),
        ]
      : []),
    ...Object.entries(otherCredentials).map(
      ([type, number]) =>
        `${counted(number, 'user stays but loses', 'users stay but lose')} the credential ${quoted(type)}`,
    ),
    ...(clientSecrets > 0
      ? [
          counted(clientSecrets, 'client loses its secret', 'clients lose their secrets') +
            ifThereIsOne(clientSecrets, unseen?.clientSecrets),
        ]
      : []),
    ...(sessions === 'all' ? ['every session of the realm ends'] : []),
    ...SECTIONS.flatMap((section: Section) => {
      const number = section === 'users' ? 0 : (records[section] ?? 0);
      return number > 0 ? [`${countedRecords(section, number)} will be gone`] : [];
    }),
  ];
}

/** What a settlement does, to every conflict that it settles and not only to that which it is shown with. */
export function settlementText({ change, meaning }: Pick<Settlement, 'change' | 'meaning'>): string {
  if (change.conflicts === 'skip') return 'Leave out all that cannot be written';
  return `${meaning.slice(0, 1).toUpperCase()}${meaning.slice(1)}`;
}

/**
 * The names that must be typed before this plan is carried out. Going back takes with it what others did since: the realm's
 * always. Whatever is written to production: the environment's.
 */
export function namesToType({ destructive, undoes, target }: PlanView): {
  realm?: string;
  environment?: string;
} {
  return {
    ...((destructive || undoes !== undefined) && { realm: target.realm }),
    ...(target.stage === 'production' && { environment: target.environment }),
  };
}
