import { perSection, type Section } from './sections.ts';

export type MemberKind =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'textList'
  | 'textSet'
  | 'object'
  | 'instant'
  | 'any';

/** One member of a record that we know. Members not listed here are kept and compared, but not checked. */
export interface Member {
  readonly name: string;
  readonly kind: MemberKind;
  /** Part of the natural key: must be there. */
  readonly key?: true;
  /** Carried as data, left out of comparison: ids and timestamps differ between environments (docs/ARCHITECTURE.md, "The model"). */
  readonly volatile?: true;
  /** Holds a secret: shown as its state only, in every preview, report and log. */
  readonly secret?: true;
}

const id: Member = { name: 'id', kind: 'text', volatile: true };
const createdAt: Member = { name: 'createdAt', kind: 'instant', volatile: true };
const updatedAt: Member = { name: 'updatedAt', kind: 'instant', volatile: true };

/**
 * The members of each section in canonical order. Names are those of OpenGate's export document where it has one
 * (OpenGate documentation, Import/Export page, "Export Format"); the rest follow the columns of release v1.1.0.
 *
 * `realm.name` is what the document calls `realm.id`; `realm.id` here is the UUID of the database.
 */
export const MEMBERS: Readonly<Record<Section, readonly Member[]>> = {
  realm: [
    { name: 'name', kind: 'text', key: true },
    { name: 'displayName', kind: 'text' },
    { name: 'enabled', kind: 'boolean' },
    { name: 'loginTheme', kind: 'text' },
    { name: 'accessTokenLifespan', kind: 'integer' },
    { name: 'refreshTokenLifespan', kind: 'integer' },
    { name: 'mfaRequired', kind: 'boolean' },
    { name: 'passwordPolicy', kind: 'any' },
    { name: 'smtpConfig', kind: 'object' },
    id,
    createdAt,
    updatedAt,
  ],
  roles: [
    { name: 'name', kind: 'text', key: true },
    { name: 'description', kind: 'text' },
    { name: 'composite', kind: 'boolean' },
    id,
    createdAt,
  ],
  groups: [
    { name: 'path', kind: 'text', key: true },
    { name: 'name', kind: 'text' },
    // The path of the group above, only where `path` does not tell it; empty: there is none.
    { name: 'parent', kind: 'text' },
    { name: 'roles', kind: 'textSet' },
    id,
  ],
  clients: [
    { name: 'clientId', kind: 'text', key: true },
    { name: 'name', kind: 'text' },
    { name: 'description', kind: 'text' },
    { name: 'enabled', kind: 'boolean' },
    { name: 'publicClient', kind: 'boolean' },
    { name: 'pkceRequired', kind: 'boolean' },
    { name: 'redirectUris', kind: 'textList' },
    { name: 'webOrigins', kind: 'textList' },
    { name: 'grantTypes', kind: 'textList' },
    { name: 'scopes', kind: 'textList' },
    { name: 'clientSecret', kind: 'any', secret: true },
    { name: 'secretHash', kind: 'text', secret: true },
    id,
    createdAt,
    updatedAt,
  ],
  policies: [
    { name: 'name', kind: 'text', key: true },
    { name: 'resource', kind: 'text' },
    { name: 'action', kind: 'text' },
    { name: 'effect', kind: 'text' },
    { name: 'conditions', kind: 'any' },
    id,
  ],
  users: [
    { name: 'username', kind: 'text', key: true },
    { name: 'email', kind: 'text' },
    { name: 'firstName', kind: 'text' },
    { name: 'lastName', kind: 'text' },
    { name: 'enabled', kind: 'boolean' },
    { name: 'emailVerified', kind: 'boolean' },
    { name: 'roles', kind: 'textSet' },
    { name: 'password', kind: 'any', secret: true },
    id,
    createdAt,
    updatedAt,
  ],
  credentials: [
    { name: 'username', kind: 'text', key: true },
    { name: 'type', kind: 'text', key: true },
    { name: 'secretHash', kind: 'text', secret: true },
    id,
    createdAt,
    updatedAt,
  ],
  socialLinks: [
    { name: 'provider', kind: 'text', key: true },
    { name: 'providerUserId', kind: 'text', key: true },
    { name: 'username', kind: 'text' },
    { name: 'providerEmail', kind: 'text' },
    id,
  ],
};

const BY_NAME = perSection((section) => new Map(MEMBERS[section].map((member) => [member.name, member])));

/** Whether anything may stand in it, as in a policy's conditions: there, names and texts are looked at for secrets. */
export function isFreeForm(member: Member | undefined): boolean {
  return member === undefined || member.kind === 'any' || member.kind === 'object';
}

export function memberOf(section: Section, name: string): Member | undefined {
  return BY_NAME[section].get(name);
}
