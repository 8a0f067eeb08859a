import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { serverState } from '../engine/server-state.ts';

const TABLES = [
  ['realm', 'realms'],
  ['user', 'users'],
  ['user', 'user_credentials'],
  ['user', 'user_social_links'],
  ['rbac', 'roles'],
  ['rbac', 'groups'],
  ['rbac', 'user_role_mappings'],
  ['rbac', 'group_role_mappings'],
  ['rbac', 'policies'],
  ['client', 'oauth_clients'],
] as const;

/** Every row of a server, to be put back as often as a test begins anew. */
export async function serverImage(server: EnvironmentHandle): Promise<{ putBack(): Promise<void> }> {
  const rows = await Promise.all(
    TABLES.map(async ([database, table]) => {
      const [row] = await server.query<{ all: string | null }>(
        database,
        `SELECT json_agg(t)::text AS all FROM ${table} t`,
      );
      return { database, table, all: row!.all ?? '[]' };
    }),
  );
  return {
    async putBack() {
      for (const { database, table } of rows.toReversed())
        await server.query(database, `DELETE FROM ${table}`);
      for (const { database, table, all } of rows)
        await server.query(
          database,
          `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`,
          [all],
        );
    },
  };
}

/** What a server gives of its own: it differs from one import to the next. */
const ITS_OWN = [
  'id',
  'created_at',
  'updated_at',
  'user_id',
  'role_id',
  'group_id',
  'parent_id',
  'client_secret_hash',
];

/** What a server holds of a realm, without what it gives of its own: two imports of the same come to the same. */
export async function realmOf(server: EnvironmentHandle, realm: string): Promise<Record<string, unknown[]>> {
  const state = await serverState(server, realm);
  return Object.fromEntries(
    Object.entries(state).map(([name, rows]) => [
      name,
      rows
        .map((row) => (typeof row === 'string' ? row : withoutItsOwn(row as Record<string, unknown>)))
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ]),
  );
}

function withoutItsOwn(row: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(row).filter(([name]) => !ITS_OWN.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name === 'client_id' && typeof value === 'string'
        ? value.replace(/^client-[\da-f]{8}$/, 'issued')
        : value,
    ]),
  );
}
