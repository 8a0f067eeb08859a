import { isRawJson } from './exact-json.ts';
import { isFreeForm, memberOf, type Member } from './members.ts';
import { setMember, type JsonObject, type JsonValue } from './record.ts';
import { isSecretMember } from './secret-members.ts';
import { isSecretName } from './secret-name.ts';
import { withoutAddressPasswords, withoutSecretParts } from './secret-text.ts';
import { clientSecretState, isRedacted, REDACTED } from './secret.ts';
import type { Section } from './sections.ts';

/**
 * A record's body as a source would have told it that hides every secret: what was there is `redacted`, so that whoever
 * writes it keeps what the target has. Of a text with a secret in it (an address with a password) that goes for the whole
 * text, of a known list for the whole list, since nobody could write the rest without losing the secret. Credentials
 * consist of nothing else; their section is left out as a whole.
 */
export function redactedBody(section: Section, body: JsonObject): JsonObject {
  const { secretHash, ...rest } = body;
  const kept: JsonObject = section === 'clients' && secretHash !== undefined ? rest : body;
  const redacted: JsonObject = {};
  for (const [name, value] of Object.entries(kept)) {
    const member = memberOf(section, name);
    if (member && isPlainMember(member, value))
      redacted[name] = holdsAddressPassword(member, value) ? REDACTED : value;
    else setMember(redacted, withoutPassword(name), redactedMember(name, value, isSecretName(name)));
  }
  return section === 'clients' && clientSecretState(body) === 'present'
    ? { ...redacted, clientSecret: REDACTED }
    : redacted;
}

/** Keys, and what refers to them, stay: without them there would be no record. */
const REFERENCES: ReadonlySet<string> = new Set(['roles', 'parent', 'username', 'id']);

/** Whether it is a text, or some, for people or a setting: of such only addresses can hold a secret. */
export function isPlainMember(member: Member, value: JsonValue): boolean {
  if (member.secret || isFreeForm(member)) return false;
  return (
    typeof value !== 'object' || (Array.isArray(value) && value.every((inner) => typeof inner === 'string'))
  );
}

/** Whether such a value has an address with a password in it. */
export function holdsAddressPassword({ key, name }: Member, value: JsonValue): boolean {
  if (key || REFERENCES.has(name)) return false;
  const texts = Array.isArray(value) ? value : [value];
  return texts.some((text) => typeof text === 'string' && hasAddressPassword(text));
}

/** Whether a text has a secret in it that can be told from the rest: an address with a password, a connection string. */
export function isPartlySecret(text: string): boolean {
  return withoutSecretParts(text, '') !== text;
}

/** Whether it has an address with a password in it. */
export function hasAddressPassword(text: string): boolean {
  return withoutPassword(text) !== text;
}

/** Of an address as a member's name, which can hold no state. */
function withoutPassword(name: string): string {
  return withoutAddressPasswords(name, '***');
}

/** Under the name of a secret, whatever is text or a number at any depth is one: {"value": …}, lists of old ones. */
function redactedValue(value: JsonValue, isSecret: boolean): JsonValue {
  if (typeof value === 'string') return isSecret || isPartlySecret(value) ? REDACTED : value;
  if (typeof value === 'number') return isSecret ? REDACTED : value;
  if (typeof value !== 'object' || value === null || isRedacted(value)) return value;
  if (isRawJson(value)) return isSecret ? REDACTED : value;
  if (Array.isArray(value)) return value.map((element) => redactedValue(element, isSecret));
  const object: JsonObject = {};
  for (const [name, inner] of Object.entries(value))
    setMember(
      object,
      withoutPassword(name),
      redactedMember(name, inner, isSecret || isSecretMember(value, name)),
    );
  return object;
}

function redactedMember(name: string, value: JsonValue, isSecret: boolean): JsonValue {
  return hasAddressPassword(name) ? REDACTED : redactedValue(value, isSecret);
}
