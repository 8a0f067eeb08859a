import { memberOf } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { isSecretName, withSecretsHidden } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';

/** A member's value fit to be shown: secrets become their state in words, at any depth. */
export function shownValue(section: Section, member: string, value: JsonValue): JsonValue {
  const known = memberOf(section, member);
  // Most values are plain ones of members we know, and planning a million users shows some ten million of them.
  if (known && !known.secret && isPlain(value) && !isSecretName(member)) return value;
  const name = known?.secret === true ? 'secret' : member;
  return (withSecretsHidden({ [name]: value }) as JsonObject)[name] ?? null;
}

function isPlain(value: JsonValue): boolean {
  return (
    typeof value !== 'object' || (Array.isArray(value) && value.every((inner) => typeof inner === 'string'))
  );
}
