import { counted, listed } from '../../contract/numbers.ts';
import type { RouteCapabilities } from '../connectors/connector.ts';
import { SECTION_WORDS } from '../../contract/sections.ts';
import type { Section } from '../model/sections.ts';
import type { PlanNote } from './plan.ts';

/** A note as a sentence about its item. */
export function noteSentence(note: PlanNote): string {
  return OF_ONE[note.kind](note.member ?? 'value', note);
}

const OF_ONE: Readonly<Record<PlanNote['kind'], (member: string, note: PlanNote) => string>> = {
  'no-password': () => 'There will be no password until it is reset: this plan writes none.',
  'new-client-secret': () => 'A new client secret will be issued: the source does not hold it.',
  'no-client-secret': () =>
    'There will be no client secret until one is issued on the server: the source does not hold it.',
  'values-stay': (member, note) => `${staying(member, note.count)}: this channel can only add.`,
  'value-stays': (member) => `“${member}” stays as it is on the target: the source has none.`,
  'value-lost': (member) =>
    `“${member}” will be empty: the source does not hold it, and the realm is replaced.`,
  'cannot-tell': (member) => `“${member}” is left as it is: the target does not tell what it has there.`,
  'inner-secret-missing': (member) =>
    `A secret inside “${member}” is hidden in the source: set it on the target afterwards.`,
  'role-left-out': (_, note) => `The role “${note.other ?? ''}” is not given, because it is excluded.`,
  'role-gone': (_, note) => `It loses the role “${note.other ?? ''}”, which goes with the realm.`,
  'case-variant': (_, note) => `The name differs from “${note.other ?? ''}” only by upper and lower case.`,
  'email-case-variant': (_, note) =>
    `The e-mail address differs from that of “${note.other ?? ''}” only by upper and lower case.`,
  'new-id': (_, note) =>
    note.other === undefined ? 'It gets a new id.' : `It gets a new id: its own belongs to ${note.other}.`,
  'id-stays': () => 'It keeps the id that it has on the target, which is another than the source’s.',
  'cannot-empty': (member) => `“${member}” stays as it is on the target: this channel cannot empty it.`,
  'cannot-delete': () => 'It stays on the target: this channel cannot delete it.',
  'new-key': () =>
    'It gets a new client id and a new secret from the server: whoever uses it must be told. Its own can be kept over PostgreSQL only.',
  'enabled-there': () =>
    'It will be ENABLED, so that people can log in, while the source’s is disabled: this channel cannot disable it.',
  'client-secret-kept': () =>
    'The client secret stays as it is on the target: the source does not hold one that could be written.',
};

/** The same once the plan was carried out. */
export function noteSentenceAfterwards(note: PlanNote): string {
  return OF_ONE_AFTERWARDS[note.kind]?.(note.member ?? 'value', note) ?? noteSentence(note);
}

/** Where it is told otherwise than before. */
const OF_ONE_AFTERWARDS: Readonly<Partial<typeof OF_ONE>> = {
  'no-password': () => 'It has no password: none was written. Set one on the target, or have it reset.',
  'new-client-secret': () =>
    'It got a new client secret, since the source does not hold the old one: give it to whoever uses this client.',
  'no-client-secret': () =>
    'It has no client secret, since the source does not hold the old one: issue one on the server.',
  'value-lost': (member) =>
    `“${member}” is empty, since the source does not hold it and the realm was replaced: set it on the target.`,
  'cannot-tell': (member) => `“${member}” was left as it was: the target does not tell what it has there.`,
  'inner-secret-missing': (member) =>
    `A secret inside “${member}” is hidden in the source: set it on the target.`,
  'role-left-out': (_, note) => `The role “${note.other ?? ''}” was not given, because it was excluded.`,
  'role-gone': (_, note) => `It lost the role “${note.other ?? ''}”, which went with the realm.`,
  'new-id': (_, note) =>
    note.other === undefined ? 'It got a new id.' : `It got a new id: its own belongs to ${note.other}.`,
  'id-stays': () => 'It kept the id that it has on the target, which is another than the source’s.',
  'cannot-delete': () => 'It stayed on the target: this channel cannot delete it.',
  'new-key': () => 'It got a new client id and a new secret from the server: whoever uses it must be told.',
  'enabled-there': () =>
    'It is ENABLED, so that people can log in, while the source’s is disabled: disable it over PostgreSQL or on the server.',
  'client-secret-kept': () =>
    'The client secret stayed as it was on the target: the source does not hold one that could be written.',
};

/** A note over many records of a section: `count` is then the sum of their values. */
export interface NoteOfMany extends Omit<PlanNote, 'other'> {
  readonly section: Section;
  readonly records: number;
  /** The first few of them, of which there is one at least. */
  readonly keys: readonly string[];
}

export function notesSentence(note: NoteOfMany): string {
  const { records } = note;
  return OF_MANY[note.kind](whoOf(note), note.member ?? 'value', note.count, records === 1 ? 'it' : 'them');
}

/**
 * What is told of it once the plan was carried out.
 *
 * @returns null where the outcome itself tells it, with what came of it
 */
export function notesSentenceAfterwards(note: NoteOfMany): string | null {
  const told = AFTERWARDS[note.kind];
  if (told === null) return null;
  const after = told?.(whoAfterwards(note), note.records === 1, note.member ?? 'value');
  return after ?? notesSentence(note);
}

/** By number; where somebody has to do something about each, by name. */
function whoOf(note: NoteOfMany): string {
  const { kind, section, records } = note;
  if (kind !== 'enabled-there') return counted(records, ...SECTION_WORDS[section]);
  const [first, ...rest] = SECTION_WORDS[section][records === 1 ? 0 : 1];
  return `${first!.toUpperCase()}${rest.join('')} ${namesOf(note)}`;
}

const CLIENT_SECRETS: ReadonlySet<PlanNote['kind']> = new Set(['new-client-secret', 'no-client-secret']);

/** Each of these clients stands still until somebody has seen to it. */
function whoAfterwards(note: NoteOfMany): string {
  return CLIENT_SECRETS.has(note.kind) ? `${whoOf(note)} (${namesOf(note)})` : whoOf(note);
}

function namesOf({ records, keys }: NoteOfMany): string {
  const names = keys.map((key) => `“${key}”`);
  const more = records > keys.length ? [`${(records - keys.length).toLocaleString('en-US')} more`] : [];
  return listed([...names, ...more]);
}

type OfMany = (who: string, member: string, count: number | undefined, them: 'it' | 'them') => string;

const OF_MANY: Readonly<Record<PlanNote['kind'], OfMany>> = {
  'no-password': (who) => `${who} will have no password until it is reset: this plan writes none for them.`,
  'new-client-secret': (who) => `${who} will get a new client secret: the source does not hold the old one.`,
  'no-client-secret': (who) =>
    `${who} will have no client secret until one is issued on the server: the source does not hold the old one.`,
  'values-stay': (who, member, count) => `${staying(member, count)} (${who}): this channel can only add.`,
  'value-stays': (who, member) =>
    `“${member}” stays as it is on the target where the source has none (${who}).`,
  'value-lost': (who, member) =>
    `“${member}” will be empty where the source does not hold it (${who}): the realm is replaced.`,
  'cannot-tell': (who, member) =>
    `“${member}” is left as it is where the target does not tell what it has (${who}).`,
  'inner-secret-missing': (who, member) =>
    `A secret inside “${member}” is hidden in the source (${who}): set it on the target afterwards.`,
  'role-left-out': (who) => `Roles that are excluded are not given (${who}).`,
  'role-gone': (who) => `${who} will lose roles that go with the realm.`,
  'case-variant': (who) =>
    `${who} will have a name that differs from another’s only by upper and lower case.`,
  'email-case-variant': (who) =>
    `${who} will have an e-mail address that differs from another’s only by upper and lower case.`,
  'new-id': (who) => `${who} will get a new id: another record has the old one, or it is none.`,
  'id-stays': (who) => `${who} will keep the id of the target, which is another than the source’s.`,
  'cannot-empty': (who, member) =>
    `“${member}” stays as it is on the target where the source has none (${who}): this channel cannot empty it.`,
  'cannot-delete': (who, _member, _count, them) =>
    `${who} will stay on the target: this channel cannot delete ${them}.`,
  'new-key': (who, _member, _count, them) =>
    `${who} will get a new client id and a new secret from the server; ${them === 'it' ? 'its' : 'their'} own can be kept over PostgreSQL only.`,
  'enabled-there': (who, _member, _count, them) =>
    `${who} will be ENABLED, so that people can log in, while the source’s ${them === 'it' ? 'is' : 'are'} disabled: this channel cannot disable ${them}.`,
  'client-secret-kept': (who) =>
    `${who} will keep the client secret of the target: the source does not hold one that could be written.`,
};

type Afterwards = ((who: string, one: boolean, member: string) => string) | null;

/** Where it is told otherwise than before. */
const AFTERWARDS: Readonly<Partial<Record<PlanNote['kind'], Afterwards>>> = {
  'no-password': (who, one) =>
    `${who} ${has(one)} no password: none was written. Set one on the target, or have the ${one ? 'user' : 'users'} reset it.`,
  'new-client-secret': (who, one) =>
    `${who} got a new client secret, since the source does not hold the old one: give it to whoever uses ${one ? 'this client' : 'these clients'}.`,
  'no-client-secret': (who, one) =>
    `${who} ${has(one)} no client secret, since the source does not hold the old one: issue one on the server.`,
  'value-lost': (who, _one, member) =>
    `“${member}” is empty where the source does not hold it (${who}), since the realm was replaced: set it on the target.`,
  'cannot-tell': (who, _one, member) =>
    `“${member}” was left as it was where the target does not tell what it has (${who}).`,
  'inner-secret-missing': (who, _one, member) =>
    `A secret inside “${member}” is hidden in the source (${who}): set it on the target.`,
  'role-left-out': (who) => `Roles that were excluded were not given (${who}).`,
  'role-gone': (who) => `${who} lost roles that went with the realm.`,
  'case-variant': (who, one) =>
    `${who} ${has(one)} a name that differs from another’s only by upper and lower case.`,
  'email-case-variant': (who, one) =>
    `${who} ${has(one)} an e-mail address that differs from another’s only by upper and lower case.`,
  'new-id': (who) => `${who} got a new id: another record has the old one, or it is none.`,
  'id-stays': (who) => `${who} kept the id of the target, which is another than the source’s.`,
  'cannot-delete': (who, one) =>
    `${who} stayed on the target: this channel cannot delete ${one ? 'it' : 'them'}.`,
  'enabled-there': (who, one) =>
    `${who} ${one ? 'is' : 'are'} enabled; the source’s ${one ? 'is' : 'are'} disabled. Disable ${one ? 'it' : 'them'} over PostgreSQL or on the server: until then people can log in.`,
  // The outcome tells it of those that were issued.
  'new-key': null,
  'client-secret-kept': (who) =>
    `${who} kept the client secret of the target: the source does not hold one that could be written.`,
};

function has(one: boolean): string {
  return one ? 'has' : 'have';
}

function staying(member: string, count = 0): string {
  const values =
    member === 'roles'
      ? counted(count, 'role mapping', 'role mappings')
      : counted(count, `value of “${member}”`, `values of “${member}”`);
  return `${values} that only the target has ${count === 1 ? 'stays' : 'stay'}`;
}

export function cannotSetSentence(members: readonly string[], route: RouteCapabilities): string {
  const names = members.map((name) => `“${name}”`).join(', ');
  return `${names} cannot be set ${ROUTE_NAMES[route.channel]}.`;
}

const ROUTE_NAMES: Readonly<Record<RouteCapabilities['channel'], string>> = {
  'admin-api': 'over the Admin API',
  postgres: 'over PostgreSQL',
  file: 'in a file',
};
