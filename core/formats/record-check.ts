import { isRawJson } from '../model/exact-json.ts';
import { memberOf, MEMBERS, type Member } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { perSection, type Section } from '../model/sections.ts';
import type { JsonPath } from './document-errors.ts';
import type { SeenMembers } from './document-facts.ts';
import { REALM_ALIASES } from './document-layout.ts';

/** A value of the wrong type. */
export interface Misfit {
  /** From the record. */
  readonly path: JsonPath;
  readonly expected: string;
  readonly found: string;
  /** A sentence for the reader, where there is more to say. */
  readonly remedy?: string;
}

const KEY_MEMBERS = perSection((section) => MEMBERS[section].filter((member) => member.key));

/** Compares a record with what `MEMBERS` says, and notes which members it has. `null` is accepted for all but members of the key. */
export function checkRecord(
  section: Section,
  body: JsonObject,
  seen: Pick<SeenMembers, 'known' | 'unknown'>,
): Misfit | undefined {
  for (const name of Object.keys(body)) {
    const member = knownMember(section, name);
    if (member === undefined) {
      seen.unknown(name);
      continue;
    }
    const misfit = checkMember(member, name, body[name]!);
    if (misfit !== undefined) return misfit;
    seen.known(member);
  }
  return section === 'realm' ? checkRealmName(body) : checkKey(section, body);
}

/** A member that we know, by any of its names. */
export function knownMember(section: Section, name: string): Member | undefined {
  return memberOf(section, (section === 'realm' && REALM_ALIASES.get(name)) || name);
}

function checkKey(section: Section, body: JsonObject): Misfit | undefined {
  for (const { name } of KEY_MEMBERS[section])
    if (body[name] === undefined) return { path: [name], expected: `text “${name}”`, found: 'none' };
  return undefined;
}

/** The document calls the slug `id`, the Realms API calls it `name`. */
function checkRealmName(body: JsonObject): Misfit | undefined {
  if (body['name'] !== undefined || typeof body['id'] === 'string') {
    return body['name'] === undefined && body['id'] === ''
      ? { path: ['id'], expected: 'the realm’s name', found: 'an empty text' }
      : undefined;
  }
  return { path: ['id'], expected: 'the realm’s name as text “id” or “name”', found: 'none' };
}

function checkMember(member: Member, name: string, value: JsonValue): Misfit | undefined {
  if (value === null && !member.key) return undefined;
  switch (member.kind) {
    case 'text':
      if (typeof value !== 'string') return misfit(name, 'text', value);
      return member.key && value === ''
        ? { path: [name], expected: 'text that is not empty', found: 'an empty text' }
        : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : misfit(name, 'true or false', value);
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : misfit(name, 'a whole number', value);
    case 'textList':
    case 'textSet':
      return checkTexts(name, value);
    case 'object':
      return typeof value === 'object' && kindOfValue(value) === 'an object'
        ? undefined
        : misfit(name, 'an object', value);
    case 'instant':
      // A number is a newer server's epoch time; instants are carried, not compared.
      return typeof value === 'string' || typeof value === 'number'
        ? undefined
        : misfit(name, 'an instant as text', value);
    case 'any':
  }
  return undefined;
}

function checkTexts(name: string, value: JsonValue): Misfit | undefined {
  if (!Array.isArray(value)) return misfit(name, 'a list of texts', value);
  for (let i = 0; i < value.length; i++)
    if (typeof value[i] !== 'string')
      return { path: [name, i], expected: 'text', found: kindOfValue(value[i]!) };
  return undefined;
}

function misfit(name: string, expected: string, value: JsonValue): Misfit {
  const found = kindOfValue(value);
  // A seed file that was given to another command.
  if (typeof value !== 'string' || !value.includes('${')) return { path: [name], expected, found };
  const remedy = 'If “${…}” is to stand for an environment variable here, say so with --env-vars.';
  return { path: [name], expected, found, remedy };
}

export function kindOfValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' || isRawJson(value) ? 'a number' : 'an object';
}
