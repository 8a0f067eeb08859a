import { isRawJson } from './exact-json.ts';
import { isFreeForm, memberOf } from './members.ts';
import { setMember, type JsonObject, type JsonValue } from './record.ts';
import { isSecretMember } from './secret-members.ts';
import { isSecretName } from './secret-name.ts';
import { withoutAddressPasswords, withoutSecretParts } from './secret-text.ts';
import { isRedacted } from './secret.ts';
import type { Section } from './sections.ts';

const PRESENT_TEXT = '<present, not shown>';
const REDACTED_TEXT = '<redacted by the server>';

/** What is shown in place of secrets. */
export const SECRET_TEXTS: readonly string[] = [PRESENT_TEXT, REDACTED_TEXT];

/** A copy of a record fit to be shown: every secret replaced by its state, in angle brackets. */
export function withSecretsHidden(section: Section, body: JsonObject): JsonObject {
  const shown: JsonObject = {};
  for (const [name, value] of Object.entries(body))
    setMember(shown, shownName(name), shownValue(section, name, value));
  return shown;
}

/** A member's value fit to be shown: secrets become their state in words, at any depth. */
export function shownValue(section: Section, name: string, value: JsonValue): JsonValue {
  const member = memberOf(section, name);
  if (isFreeForm(member)) return hidden(value, member?.secret === true || isSecretName(name));
  if (member?.secret) return hidden(value, true);
  // Most values are plain ones of members we know, and planning a million users shows some ten million of them.
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value) && value.every((element) => typeof element === 'string'))
    // Percent-encoded, an address has no slashes.
    return value.some((text) => text.includes('//') || text.includes('%')) ? value.map(plain) : value;
  return typeof value === 'object' ? hidden(value, false) : value;
}

/** Of what people write for people to read, only addresses are looked at. */
function plain(text: string): string {
  return withoutAddressPasswords(text, PRESENT_TEXT);
}

/** Under the name of a secret, whatever is text or a number at any depth is one: {"value": …}, lists of old ones. */
function hidden(value: JsonValue, isSecret: boolean): JsonValue {
  if (typeof value === 'string') return isSecret ? PRESENT_TEXT : withoutSecretParts(value, PRESENT_TEXT);
  if (typeof value === 'number') return isSecret ? PRESENT_TEXT : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isRedacted(value)) return REDACTED_TEXT;
  if (isRawJson(value)) return isSecret ? PRESENT_TEXT : value;
  if (Array.isArray(value)) return value.map((element) => hidden(element, isSecret));
  const shown: JsonObject = {};
  for (const [name, inner] of Object.entries(value))
    setMember(shown, shownName(name), hidden(inner, isSecret || isSecretMember(value, name)));
  return shown;
}

/** Addresses stand as names, too. */
function shownName(name: string): string {
  return withoutAddressPasswords(name, PRESENT_TEXT);
}
