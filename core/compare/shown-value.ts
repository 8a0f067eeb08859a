import { isRawJson } from '../model/exact-json.ts';
import { memberOf } from '../model/members.ts';
import type { JsonValue } from '../model/record.ts';
import { isRedacted, isSecretName } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';

const HIDDEN = '<present, not shown>';
const REDACTED_BY_SERVER = '<redacted by the server>';

/** Lists of whole credentials, as other identity servers export them: every text inside is taken for a secret. */
const SECRET_CONTAINER = /^credentials?$/i;

/**
 * A member's value fit to be shown. Secrets become their state in words, at any depth; what stands inside a member with
 * a secret's name (`password: {"value": …}`, `apiKeys: […]`) is hidden with it.
 */
export function shownValue(section: Section, member: string, value: JsonValue): JsonValue {
  return shown(member, value, memberOf(section, member)?.secret === true);
}

function shown(name: string, value: JsonValue, within: boolean): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (isRedacted(value)) return REDACTED_BY_SERVER;
  const hidden = within || isSecretName(name) || SECRET_CONTAINER.test(name);
  if (typeof value === 'string') return hidden ? HIDDEN : value;
  // "passwordHistory": 3 is a setting; a number inside a secret's object may be a code.
  if (typeof value === 'number') return within ? HIDDEN : value;
  if (Array.isArray(value)) return value.map((element) => shown(name, element, hidden));
  if (isRawJson(value)) return within ? HIDDEN : value;
  return Object.fromEntries(
    Object.entries(value).map(([inner, nested]) => [inner, shown(inner, nested, hidden)]),
  );
}
