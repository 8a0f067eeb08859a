import { AppError } from '../../contract/errors.ts';
import { MEMBERS } from './members.ts';
import type { JsonObject } from './record.ts';
import { perSection, type Section } from './sections.ts';

/** OpenGate documentation, Realms API page: `name` is a slug, and cannot be changed after creation. */
export const REALM_NAME = /^[a-z0-9-]+$/;

/** Joins the parts of a composite key. PostgreSQL text cannot hold it, so it never occurs inside a part. */
const KEY_SEPARATOR = '\u0000';

const KEY_MEMBERS: Readonly<Record<Section, readonly string[]>> = perSection((section) =>
  MEMBERS[section].filter((member) => member.key).map((member) => member.name),
);

/**
 * The natural key of a record: what identifies it in any environment (slug, role name, group path, clientId, policy
 * name, username, username + type, provider + provider user id).
 *
 * @throws AppError INVALID_DOCUMENT when a member of the key is missing, empty or not text
 */
export function naturalKey(section: Section, body: JsonObject): string {
  const names = KEY_MEMBERS[section];
  if (names.length === 1) return keyPart(section, body, names[0]!);
  return names.map((name) => keyPart(section, body, name)).join(KEY_SEPARATOR);
}

/** A key as people read it: the parts of a composite key with a slash between. */
export function displayKey(key: string): string {
  return key.replaceAll(KEY_SEPARATOR, '/');
}

/** The keys that may be shown as this text: the slash between two parts stands for the separator, or is one. */
export function* keysShownAs(text: string): Iterable<string> {
  yield text;
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1))
    yield `${text.slice(0, at)}${KEY_SEPARATOR}${text.slice(at + 1)}`;
}

function keyPart(section: Section, body: JsonObject, name: string): string {
  const part = body[name];
  if (typeof part !== 'string' || part === '' || part.includes(KEY_SEPARATOR))
    throw new AppError('INVALID_DOCUMENT', `A record of “${section}” has no usable “${name}”.`, {
      details: { section, member: name },
      remedy: `Every record of “${section}” needs a non-empty text “${name}” without NUL characters.`,
    });
  return part;
}
