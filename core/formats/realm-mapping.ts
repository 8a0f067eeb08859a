import type { JsonObject, JsonValue } from '../model/record.ts';
import { OTHER_SECTIONS, REALM_ALIASES } from './document-layout.ts';
import type { Misfit } from './record-check.ts';

/**
 * A realm of a document or of the Realms API as the model has it: the slug is `name` (the document calls it `id`), and
 * settings have the document's names. Where `name` is there too, `id` is the database's UUID and stays.
 *
 * @param body passed `checkRecord` and `realmMisfit`
 */
export function realmFromDocument(body: JsonObject): JsonObject {
  const realm = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(body)) realm.set(REALM_ALIASES.get(name) ?? name, value);
  const slug = realm.get('name') ?? realm.get('id')!;
  if (realm.get('id') === slug) realm.delete('id');
  realm.set('name', slug);
  return Object.fromEntries(realm);
}

/** What makes the mapping ambiguous: one setting under two names with two values, or our own name for other members. */
export function realmMisfit(body: JsonObject): Misfit | undefined {
  if (Object.hasOwn(body, OTHER_SECTIONS))
    return {
      path: [OTHER_SECTIONS],
      expected: 'no member of this name',
      found: 'one, though Drawbridge uses it for the document’s other members',
    };
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    const ours = REALM_ALIASES.get(name) ?? name;
    const text = JSON.stringify(value);
    if ((values.get(ours) ?? text) !== text)
      return {
        path: [name],
        expected: `the value that “${ours}” has under its other name`,
        found: 'another',
      };
    values.set(ours, text);
  }
  return undefined;
}
