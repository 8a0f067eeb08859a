import { AppError } from '../../../../contract/errors.ts';
import { MEMBERS } from '../../../model/members.ts';
import { isJsonObject, setMember, type JsonObject, type JsonValue } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import { isUuid } from '../../../model/uuid.ts';
import { REALM_SETTINGS } from '../realm-settings.ts';

/** The sections that the API of release v1.1.0 tells. */
export const TOLD_SECTIONS = ['realm', 'roles', 'clients', 'users'] as const satisfies readonly Section[];
export type ToldSection = (typeof TOLD_SECTIONS)[number];

/** What is in the answers of release v1.1.0, under our names; `roles` of users comes from calls of its own. */
export const TOLD_MEMBERS: Readonly<Record<ToldSection, readonly string[]>> = {
  realm: membersWithout('realm', ['passwordPolicy', 'smtpConfig']),
  roles: membersWithout('roles', []),
  clients: membersWithout('clients', ['webOrigins', 'clientSecret', 'secretHash', 'updatedAt']),
  users: membersWithout('users', ['password']),
};

function membersWithout(section: Section, untold: readonly string[]): readonly string[] {
  return MEMBERS[section].map(({ name }) => name).filter((name) => !untold.includes(name));
}

/** What the answers call members of a realm, and what we do. */
const OUR_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(REALM_SETTINGS).map(([ours, theirs]) => [theirs, ours]),
);

/**
 * One resource of an answer as a record's body: what is null is left out, what we do not know is kept.
 *
 * @param where the address of the answer, for the message
 * @throws AppError UNEXPECTED_ANSWER when it is none, has no usable key, or is another realm's
 */
export function recordBody(
  section: ToldSection,
  realm: string,
  answer: JsonValue | undefined,
  where: string,
): JsonObject {
  if (!isJsonObject(answer)) throw unexpected(where, `something that is no ${NOUNS[section]}`);
  const body: JsonObject = {};
  for (const [name, value] of Object.entries(answer)) {
    if (name === 'realmName' && section !== 'realm') requireRealm(realm, value, `a ${NOUNS[section]}`, where);
    else if (value !== null)
      setMember(body, section === 'realm' ? (OUR_NAMES.get(name) ?? name) : name, value);
  }
  const key = body[KEYS[section]];
  if (typeof key !== 'string' || key === '' || key.includes('\0'))
    throw unexpected(where, `a ${NOUNS[section]} without a usable “${KEYS[section]}”`);
  if (section === 'realm') requireRealm(realm, key, 'the settings', where);
  return body;
}

/** A list as the services give it whole. @throws AppError UNEXPECTED_ANSWER */
export function recordBodies(
  section: ToldSection,
  realm: string,
  answer: JsonValue | undefined,
  where: string,
): JsonObject[] {
  if (!Array.isArray(answer)) throw unexpected(where, `something that is no list of ${NOUNS[section]}s`);
  return answer.map((entry) => recordBody(section, realm, entry, where));
}

/** The id by which the server knows a role or user. @throws AppError UNEXPECTED_ANSWER when there is none */
export function idOf(section: ToldSection, body: JsonObject, where: string): string {
  const id = body['id'];
  if (typeof id === 'string' && isUuid(id)) return id.toLowerCase();
  throw unexpected(where, `a ${NOUNS[section]} without a UUID as its id`);
}

/** The users of one page, and how many the server counts in the realm. @throws AppError UNEXPECTED_ANSWER */
export function userPage(
  realm: string,
  answer: JsonValue | undefined,
  where: string,
): { readonly users: readonly JsonObject[]; readonly total: number } {
  const total = isJsonObject(answer) ? answer['totalElements'] : undefined;
  if (!isJsonObject(answer) || !Array.isArray(answer['content']) || typeof total !== 'number')
    throw unexpected(where, 'something that is no page of users');
  return { users: recordBodies('users', realm, answer['content'], where), total };
}

/** The ids of the roles that one user has. @throws AppError UNEXPECTED_ANSWER */
export function mappedRoles(answer: JsonValue | undefined, where: string): string[] {
  if (!Array.isArray(answer) || !answer.every((id) => typeof id === 'string'))
    throw unexpected(where, 'something that is no list of role ids');
  return answer.map((id) => id.toLowerCase());
}

const NOUNS: Readonly<Record<ToldSection, string>> = {
  realm: 'realm',
  roles: 'role',
  clients: 'client',
  users: 'user',
};
const KEYS: Readonly<Record<ToldSection, string>> = {
  realm: 'name',
  roles: 'name',
  clients: 'clientId',
  users: 'username',
};

function requireRealm(realm: string, name: JsonValue, what: string, where: string): void {
  if (name === realm || name === null) return;
  throw unexpected(where, `${what} of another realm than “${realm}”`);
}

function unexpected(where: string, what: string): AppError {
  return new AppError('UNEXPECTED_ANSWER', `${where} answered with ${what}.`, {
    notChanged: 'No snapshot was made of what had arrived; nothing was changed.',
    remedy: 'Look at the server, and at caches and proxies between here and there.',
    details: { address: where },
  });
}
