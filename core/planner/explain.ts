import { SECTION_WORDS } from '../../contract/sections.ts';
import type { PlanItem, Reason } from './plan.ts';

type Explained = Pick<PlanItem, 'section' | 'action'> & { readonly other?: string | undefined };

/** Why an item has its action, as a sentence for the person who decides. */
export function explain(reason: Reason, item: Explained): string {
  const record = SECTION_WORDS[item.section][0];
  if (isOfItsUser(reason, item))
    return `The user of this ${record} is left out, for a reason that is told there, and the ${record} with them.`;
  return SENTENCES[reason](record, item);
}

/** What belongs to a user goes with them, for their reason: who or what that names is named with the user. */
function isOfItsUser(reason: Reason, { section, other }: Explained): boolean {
  return (
    (section === 'credentials' || section === 'socialLinks') && other === undefined && NAMING.has(reason)
  );
}

const NAMING: ReadonlySet<Reason> = new Set([
  'email-taken',
  'differs-only-by-case',
  'same-key-there',
  'value-missing',
  'value-refused',
]);

const SENTENCES: Readonly<Record<Reason, (record: string, item: Explained) => string>> = {
  'only-in-source': (record) => `The target does not have this ${record}: it will be created.`,
  differs: (record) => `The ${record} differs: the target’s will be changed to what the source has.`,
  equal: (record) => `The ${record} is the same on both sides.`,
  'nothing-to-set': (record) =>
    `The ${record} already has everything that the source has; what only the target has stays.`,
  'exists-policy-skip': (record) =>
    record === 'client'
      ? 'The target has a client of this id already, and existing clients are left as they are.'
      : 'The target has this user already, and existing users are left as they are.',
  'exists-policy-stop': () =>
    'The target has a client of this id with other settings. Choose whether to skip or to update all such clients, or only this one.',
  'exists-unchangeable': () =>
    'The target has a client of this id with other settings, and this channel cannot change clients. Leave such clients as they are; PostgreSQL can change them.',
  'only-in-target-kept': (record) => `Only the target has this ${record}: it stays.`,
  'only-in-target-deleted': (record) => `Only the target has this ${record}: it will be deleted.`,
  'source-in-doubt': (record) =>
    `Only the target has this ${record}, but the source is not consistent and may lack it by mistake: it is not deleted for that. Take the source again, or keep what only the target has.`,
  'replaced-with-realm': (record, { action }) =>
    action === 'create'
      ? `The realm is replaced, and this ${record} comes with it.`
      : action === 'unchanged'
        ? `The realm is replaced; this ${record} is created again as it is now.`
        : `The realm is replaced; this ${record} is created again as the source has it.`,
  'deleted-with-realm': (record) =>
    record === 'realm'
      ? 'The realm is deleted, with everything that bears its name.'
      : `This ${record} is deleted with the realm, and does not come back.`,
  excluded: (record, { action }) =>
    action === 'conflict'
      ? `This ${record} is excluded, but the plan needs it.`
      : `This ${record} is not part of the plan: it was left out, or others were picked.`,
  'not-selected': (record) => `The user of this ${record} is not part of the plan.`,
  'realm-exists': () =>
    'A realm of this name exists on the target. Choose whether to merge into it or to overwrite it, or give another name.',
  'email-taken': (_, { other }) =>
    `The e-mail address belongs to another user (“${other ?? ''}”); OpenGate allows each address once in a realm.`,
  'client-id-taken': (_, { other }) =>
    `The realm “${other ?? ''}” of the same server has a client of this id; OpenGate allows each id once.`,
  'social-link-taken': (_, { other }) =>
    `This account of the provider is linked elsewhere (“${other ?? ''}”); OpenGate allows each account once.`,
  'differs-only-by-case': (_, { other }) =>
    `The target has “${other ?? ''}”, whose name differs only by upper and lower case: most likely the same person.`,
  'same-key-there': (record, { other }) =>
    `The target’s database takes the name of this ${record} and “${other ?? ''}” for the same, by the collation of the column: it holds only one of them.`,
  'route-cannot': (record, { action }) =>
    action === 'conflict'
      ? `This ${record} cannot be written over this channel. Use another channel, or leave out what cannot be written.`
      : `This ${record} cannot be written over this channel and is left out.`,
  'enabled-there': (record) =>
    `The source’s ${record} is disabled, and this channel cannot disable the target’s: it will be ENABLED: people can log in${record === 'client' ? ' through it' : ''}. Bring it over PostgreSQL, or leave it out; or let it be enabled, and disable it on the server at once.`,
  'source-unknown': (record) =>
    record === 'realm'
      ? 'The source does not hold the realm’s own settings, so the realm cannot be created from it.'
      : `The source does not tell about this ${record}.`,
  'target-unknown': (record) =>
    `The target’s side could not be read, so nobody can tell whether this ${record} exists there.`,
  'kept-through-overwrite': (record) =>
    `The realm is replaced; the source does not tell about this ${record}, so it is put back as it is now.`,
  leftovers: (_, { other }) =>
    `The realm does not exist, but a deleted one of this name left records behind (${other ?? ''}). Choose whether they are taken over, or deleted first, as far as this channel can.`,
  'leftovers-stay': (_, { other }) =>
    `The realm does not exist, but a deleted one of this name left records behind (${other ?? ''}), none of which can be deleted over this channel. Say that the new realm takes them over, or give it another name.`,
  'value-missing': (record, { other }) =>
    `The target cannot hold a ${record} without ${quotedList(other)}, of which the source has none.`,
  'value-refused': (record, { other }) => `The target cannot hold this ${record}: ${other ?? ''}.`,
  survives: (record, { action }) =>
    action === 'skip'
      ? `This ${record} stays: over this channel a realm’s ${PLURAL_OF[record] ?? record} outlive it, and a realm of its name has them again.`
      : `This ${record} outlives its realm.`,
  'key-is-issued': (record, { action }) =>
    action === 'create'
      ? `The server creates a ${record} like this one, under an id and with a secret of its own.`
      : `The server gives every ${record} an id and a secret of its own, so that this one cannot be brought along over the Admin API. PostgreSQL can bring it; or let the server create a new one like it.`,
  'issued-before': (_, { other }) =>
    `The target’s “${other ?? ''}” was created for this client before, or looks as if it was: no other one is created, and over this channel it cannot be changed.`,
  'created-by-mapping': () => 'A user carries this role: it is created with the user, by its name only.',
};

const PLURAL_OF: Readonly<Record<string, string>> = Object.fromEntries(Object.values(SECTION_WORDS));

function quotedList(names = ''): string {
  return names
    .split(', ')
    .map((name) => `“${name}”`)
    .join(', ');
}
