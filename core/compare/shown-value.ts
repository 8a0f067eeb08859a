import { memberOf } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { withSecretsHidden } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';

/** A member's value fit to be shown: secrets become their state in words, at any depth. */
export function shownValue(section: Section, member: string, value: JsonValue): JsonValue {
  const name = memberOf(section, member)?.secret === true ? 'secret' : member;
  return (withSecretsHidden({ [name]: value }) as JsonObject)[name] ?? null;
}
