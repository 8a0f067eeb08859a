import { isRawJson } from './exact-json.ts';
import { setMember, type JsonObject, type JsonValue } from './record.ts';
import { clientSecretState, isRedacted, isSecretName, REDACTED } from './secret.ts';
import type { Section } from './sections.ts';

/**
 * A record's body as a source would have told it that hides every secret: what was there is `redacted`, so that whoever
 * writes it keeps what the target has. Credentials consist of nothing else; their section is left out as a whole.
 */
export function redactedBody(section: Section, body: JsonObject): JsonObject {
  const { secretHash, ...rest } = body;
  const kept: JsonObject = section === 'clients' && secretHash !== undefined ? rest : body;
  const redacted = redactedValue(kept, false) as JsonObject;
  return section === 'clients' && clientSecretState(body) === 'present'
    ? { ...redacted, clientSecret: REDACTED }
    : redacted;
}

/** Under the name of a secret, whatever is text or a number at any depth is one: {"value": …}, lists of old ones. */
function redactedValue(value: JsonValue, isSecret: boolean): JsonValue {
  if (typeof value === 'string' || typeof value === 'number') return isSecret ? REDACTED : value;
  if (typeof value !== 'object' || value === null || isRedacted(value)) return value;
  if (isRawJson(value)) return isSecret ? REDACTED : value;
  if (Array.isArray(value)) return value.map((element) => redactedValue(element, isSecret));
  const object: JsonObject = {};
  for (const [name, inner] of Object.entries(value))
    setMember(object, name, redactedValue(inner, isSecret || isSecretName(name)));
  return object;
}
