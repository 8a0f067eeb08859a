import { isRawJson } from '../model/exact-json.ts';
import { memberOf } from '../model/members.ts';
import { setMember, type JsonObject, type JsonValue } from '../model/record.ts';
import {
  hasAddressPassword,
  holdsAddressPassword,
  isPartlySecret,
  isPlainMember,
} from '../model/redact-secrets.ts';
import { isSecretMember } from '../model/secret-members.ts';
import { isSecretName } from '../model/secret-name.ts';
import { isRedacted } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import { DOCUMENTED_MEMBERS, OTHER_SECTIONS } from './document-layout.ts';

export interface RecordOptions {
  /** Passwords, client secrets and hashes that are known, and what has a secret's name at any depth. */
  readonly includeSecrets?: boolean;
  /** `id` (but not the realm's, whose place the slug has), `createdAt`, `updatedAt`. */
  readonly withIdsAndTimes?: boolean;
  /** `documented`: only members that OpenGate's documentation names, for a server that refuses others. */
  readonly compat?: 'documented';
}

/**
 * A record as the export document has it, for files and for the bodies of imports: the inverse of what the reader does.
 *
 * A redacted secret is left out, never written as a mask: an import would make the mask the secret.
 */
export function toDocumentRecord(
  section: Section,
  body: JsonObject,
  options: RecordOptions = {},
): JsonObject {
  const secrets = options.includeSecrets === true;
  const record: JsonObject = {};
  for (const [name, value] of Object.entries(body)) {
    if (!isWritten(section, name, options)) continue;
    const written = secrets ? withoutRedacted(value) : withoutSecretsOf(section, name, value);
    if (written !== undefined)
      setMember(record, section === 'realm' && name === 'name' ? 'id' : name, written);
  }
  return record;
}

/** The members beside the sections that the realm's document had, as `toDocumentRecord` would write them. */
export function otherMembers(realm: JsonObject, options: RecordOptions = {}): JsonObject {
  const others = realm[OTHER_SECTIONS];
  if (typeof others !== 'object' || others === null || options.compat === 'documented') return {};
  const written = options.includeSecrets ? withoutRedacted(others) : withoutSecrets(others, false, false);
  return (written ?? {}) as JsonObject;
}

function isWritten(section: Section, name: string, options: RecordOptions): boolean {
  const member = memberOf(section, name);
  if (options.compat === 'documented' && DOCUMENTED_MEMBERS[section]?.includes(name) === false) return false;
  if (member === undefined) return !(section === 'realm' && name === OTHER_SECTIONS);
  if (member.secret && !options.includeSecrets) return false;
  if (!member.volatile) return true;
  return options.withIdsAndTimes === true && !(section === 'realm' && name === 'id');
}

/** @returns undefined for what is left out */
function withoutRedacted(value: JsonValue): JsonValue | undefined {
  if (isRedacted(value)) return undefined;
  return mapped(value, (_name, inner) => withoutRedacted(inner));
}

function withoutSecretsOf(section: Section, name: string, value: JsonValue): JsonValue | undefined {
  const member = memberOf(section, name);
  if (member && isPlainMember(member, value)) return holdsAddressPassword(member, value) ? undefined : value;
  return hasAddressPassword(name) ? undefined : withoutSecrets(value, isSecretName(name), false);
}

/** A number right under a secret's name is a setting ("passwordMinLength": 8); deeper it may be a code. */
function withoutSecrets(value: JsonValue, isNamed: boolean, within: boolean): JsonValue | undefined {
  if (isRedacted(value)) return undefined;
  const secret = isNamed || within;
  if (typeof value === 'string') return secret || isPartlySecret(value) ? undefined : value;
  if (typeof value === 'number') return within ? undefined : value;
  return mapped(value, (name, inner, of) => {
    if (hasAddressPassword(name)) return undefined;
    const isOwn = isSecretName(name);
    return withoutSecrets(inner, isOwn, secret || (!isOwn && isSecretMember(of, name)));
  });
}

/**
 * A list of which an element is left out, and an object of which nothing is left, are left out themselves: an import
 * would take what remains for the whole, and empty what the target has.
 */
function mapped(
  value: JsonValue,
  change: (name: string, value: JsonValue, of: JsonObject) => JsonValue | undefined,
): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
  if (Array.isArray(value)) {
    const list = value
      .map((element) => change('', element, NO_MEMBERS))
      .filter((element) => element !== undefined);
    return list.length === value.length ? list : undefined;
  }
  const changed: JsonObject = {};
  let left = 0;
  for (const [name, inner] of Object.entries(value)) {
    const written = change(name, inner, value);
    if (written === undefined) continue;
    setMember(changed, name, written);
    left++;
  }
  return left > 0 || Object.keys(value).length === 0 ? changed : undefined;
}

const NO_MEMBERS: JsonObject = {};
