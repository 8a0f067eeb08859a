import type { JsonObject } from '../model/record.ts';
import { isSection, SECTIONS, type Section } from '../model/sections.ts';

/** The sections that a document holds as lists, in the order in which they are written. */
export type ListSection = Exclude<Section, 'realm'>;

/**
 * The members that OpenGate's export names (OpenGate documentation, Import/Export page, "Export Format"). A server's
 * export tells everything about these: one that a record lacks is empty.
 */
export const DOCUMENTED_MEMBERS: Readonly<Partial<Record<Section, readonly string[]>>> = {
  realm: ['name', 'displayName', 'accessTokenLifespan', 'refreshTokenLifespan', 'mfaRequired', 'smtpConfig'],
  roles: ['name', 'description'],
  clients: ['clientId', 'redirectUris', 'grantTypes'],
  users: ['username', 'email', 'enabled', 'roles'],
};

/** What the Realms API and the database call members of the realm, and what the export document calls them. */
export const REALM_ALIASES: ReadonlyMap<string, string> = new Map([
  ['tokenLifespanSeconds', 'accessTokenLifespan'],
  ['token_lifespan_seconds', 'accessTokenLifespan'],
  ['refreshTokenLifespanSeconds', 'refreshTokenLifespan'],
  ['refresh_token_lifespan_seconds', 'refreshTokenLifespan'],
  ['smtpSettings', 'smtpConfig'],
  ['smtp_settings', 'smtpConfig'],
]);

/** Where a realm's record keeps the members of its document that no section is made of. */
export const OTHER_SECTIONS = 'otherSections';

/** The list of a roles document that repeats the users' roles: `{username, roles}`. */
export const ROLE_MAPPINGS = 'roleMappings';

/** Why a section is not in what was read, as far as that is known without looking. */
export function reasonMissing(section: Section): string {
  return section === 'credentials'
    ? 'Password hashes are not part of exports.'
    : 'Not in the document that was read.';
}

export function isListSection(name: string): name is ListSection {
  return isSection(name) && name !== 'realm';
}

/** The section that a list without a name belongs to, by the members of its first element. */
export function sectionOfElement(element: JsonObject): ListSection | undefined {
  const has = (name: string) => Object.hasOwn(element, name);
  if (has('provider') && has('providerUserId')) return 'socialLinks';
  if (has('username')) return has('type') && has('secretHash') ? 'credentials' : 'users';
  if (has('clientId')) return 'clients';
  if (has('path')) return 'groups';
  if (!has('name') || looksLikeRealm(element)) return undefined;
  return has('resource') || has('effect') || has('conditions') ? 'policies' : 'roles';
}

const REALM_ONLY = [
  'displayName',
  'accessTokenLifespan',
  'refreshTokenLifespan',
  'mfaRequired',
  'smtpConfig',
  'loginTheme',
  ...REALM_ALIASES.keys(),
];

/** Whether an object is a realm as the Realms API gives it: a name and some setting that only realms have. */
export function looksLikeRealm(object: JsonObject): boolean {
  const named = typeof object['name'] === 'string' || typeof object['id'] === 'string';
  return named && REALM_ONLY.some((name) => Object.hasOwn(object, name));
}

/** "users, roles or clients" for messages. */
export const SECTION_NAMES = `${SECTIONS.slice(0, -1).join(', ')} or ${SECTIONS.at(-1)}`;
