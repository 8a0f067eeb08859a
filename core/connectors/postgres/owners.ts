import { naturalKey } from '../../model/natural-key.ts';
import { isUuid } from '../../model/uuid.ts';
import type { IdSection, Owners } from '../connector.ts';
import { serviceOf, SECTION_TABLES, tableOf } from './section-tables.ts';
import type { Databases } from './databases.ts';
import type { Layout, Table } from './layout.ts';
import type { Service } from './services.ts';

/**
 * Who has what must be unique over all realms. Each look-up is a transaction of its own; where a service was not found, or
 * its table may not be read, nobody is known to have anything.
 */
export function ownersIn(databases: Databases): Owners {
  const look = async <Row extends object>(
    name: keyof Layout['services'],
    table: (layout: Layout) => Table | undefined,
    sql: (table: Table, layout: Layout) => string,
    parameters: readonly unknown[],
    signal: AbortSignal,
  ): Promise<Row[]> => {
    const layout = await databases.layout(signal);
    const found = table(layout);
    if (!found?.rights.select) return [];
    return await queryOnce<Row>(databases, name, sql(found, layout), parameters, signal);
  };
  return {
    async clientIds(realm, ids, signal) {
      const rows = await look<{ key: string; realm: string }>(
        'client',
        (layout) => tableOf(layout, 'oauth_clients'),
        ({ sql }) =>
          `SELECT client_id AS key, realm_name AS realm FROM ${sql} WHERE client_id = ANY($2::text[]) AND realm_name <> $1`,
        [realm, ids.filter(isStorable)],
        signal,
      );
      return new Map(rows.map((row) => [row.key, row.realm]));
    },
    async socialLinks(realm, keys, signal) {
      const pairs = keys
        .filter((key) => key.split('\u0000').every(isStorable))
        .map((key) => key.split('\u0000'));
      const rows = await look<{ provider: string; providerUserId: string; realm: string }>(
        'user',
        (layout) => tableOf(layout, 'user_social_links'),
        ({ sql }, layout) =>
          `SELECT l.provider, l.provider_user_id AS "providerUserId", u.realm_name AS realm
           FROM unnest($2::text[], $3::text[]) AS asked (provider, id)
           JOIN ${sql} AS l ON l.provider = asked.provider AND l.provider_user_id = asked.id
           JOIN ${tableOf(layout, 'users')!.sql} AS u ON u.id = l.user_id
           WHERE u.realm_name <> $1`,
        [realm, pairs.map(([provider]) => provider), pairs.map(([, id]) => id)],
        signal,
      );
      return new Map(
        rows.map(({ realm: owner, provider, providerUserId }) => [
          naturalKey('socialLinks', { provider, providerUserId }),
          owner,
        ]),
      );
    },
    async alike(section, realm, keys, signal) {
      const name = section === 'users' ? 'username' : 'client_id';
      const { table } = SECTION_TABLES[section];
      const layout = await databases.layout(signal);
      const collation = tableOf(layout, table)?.columns.get(name)?.looseCollation;
      if (collation === undefined) return new Map();
      // A hash is the same for all texts that the collation takes for equal. Names of users are unique in a realm only.
      const rows = await look<{ key: string; kind: string; realm: string | null; there: string | null }>(
        serviceOf(section),
        (found) => tableOf(found, table),
        ({ sql }) =>
          `SELECT a.key, hashtextextended(a.key COLLATE ${collation}, 0)::text AS kind, t.realm_name AS realm, t.${name} AS there
           FROM unnest($2::text[]) AS a (key)
           LEFT JOIN ${sql} AS t ON t.${name} = a.key COLLATE ${collation} AND t.${name} COLLATE "C" <> a.key COLLATE "C"
             AND ${section === 'users' ? 't.realm_name = $1' : '$1::text IS NOT NULL'}`,
        [realm, keys.filter(isStorable)],
        signal,
      );
      return new Map(
        rows.map(({ key, kind, realm: owner, there }) => [
          key,
          { kind, ...(owner !== null && there !== null && { there: { realm: owner, key: there } }) },
        ]),
      );
    },
    async anyElsewhere(section, realm, signal) {
      const name = section === 'realm' ? 'name' : 'realm_name';
      const rows = await look<{ found: boolean }>(
        serviceOf(section),
        (layout) => tableOf(layout, SECTION_TABLES[section].table),
        ({ sql }) => `SELECT EXISTS (SELECT FROM ${sql} WHERE ${name} IS DISTINCT FROM $1) AS found`,
        [realm],
        signal,
      );
      return rows.some(({ found }) => found);
    },
    async ids(section, ids, signal) {
      const { table } = SECTION_TABLES[section];
      const rows = await look<{ id: string; realm: string; key: string }>(
        serviceOf(section),
        (layout) => tableOf(layout, table),
        ({ sql }) => `SELECT id::text, ${IDENTITY[section]} FROM ${sql} WHERE id = ANY($1::uuid[])`,
        [ids.map((id) => id.toLowerCase()).filter(isUuid)],
        signal,
      );
      return new Map(rows.map(({ id, realm, key }) => [id, { realm, key }]));
    },
  };
}

const IDENTITY: Readonly<Record<IdSection, string>> = {
  realm: 'name AS realm, name AS key',
  roles: 'realm_name AS realm, name AS key',
  groups: `realm_name AS realm, coalesce(NULLIF(path, ''), '/' || name) AS key`,
  clients: 'realm_name AS realm, client_id AS key',
  users: 'realm_name AS realm, username AS key',
};

/** What PostgreSQL cannot hold, nobody has. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** One query in a transaction of its own. */
export async function queryOnce<Row extends object>(
  databases: Databases,
  service: Service,
  sql: string,
  parameters: readonly unknown[],
  signal: AbortSignal,
): Promise<Row[]> {
  const transactions = await databases.begin([service], 'read', signal);
  try {
    return await transactions.of(service).query<Row>(sql, parameters);
  } finally {
    await transactions.rollback();
  }
}
