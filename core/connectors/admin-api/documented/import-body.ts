import { otherMembers, toDocumentRecord } from '../../../formats/document-record.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import type { ApplyItem } from '../../connector.ts';

/** Known secrets go along: an import is how they get to the server. Redacted ones, ids and times never do. */
const AS_IMPORTED = { includeSecrets: true };

/** A user as `users/import` takes it, JSON. */
export function userJson(body: JsonObject): string {
  return JSON.stringify(toDocumentRecord('users', body, AS_IMPORTED));
}

/**
 * The document that creates a realm, without users.
 * @param realm its name there, whatever the record calls it
 */
export function realmDocument(realm: string, items: readonly ApplyItem[]): JsonObject {
  const records = (section: Section): JsonObject[] =>
    items
      .filter((item) => item.section === section)
      .map((item) => toDocumentRecord(section, item.body, AS_IMPORTED));
  const source = items.find((item) => item.section === 'realm')?.body ?? {};
  return {
    ...otherMembers(source, AS_IMPORTED),
    realm: { ...records('realm')[0], id: realm },
    roles: records('roles'),
    clients: records('clients'),
  };
}
