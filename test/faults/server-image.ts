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
const ITS_OWN: ReadonlySet<string> = new Set(['id', 'created_at', 'updated_at']);

/** Columns by which a row refers to another, and where the name of that stands. */
const REFERENCES = {
  user_id: ['users', 'username'],
  role_id: ['roles', 'name'],
  group_id: ['groups', 'path'],
  parent_id: ['groups', 'path'],
} as const;

type Row = Record<string, unknown>;
type Names = Readonly<Record<keyof typeof REFERENCES, ReadonlyMap<unknown, unknown>>>;

/**
 * What a server holds of a realm, without what it gives of its own: two imports of the same come to the same. Whoever refers to
 * another row does it by that row's name.
 *
 * @param hashes of client secrets: false where the server makes a new secret for each client that is created
 */
export async function realmOf(
  server: EnvironmentHandle,
  realm: string,
  { hashes }: { readonly hashes: boolean },
): Promise<Record<string, unknown[]>> {
  const state = await serverState(server, realm);
  const names = namesIn(state);
  return Object.fromEntries(
    Object.entries(state).map(([table, rows]) => [
      table,
      rows
        .map((row) => (typeof row === 'string' ? row : comparable(row as Row, names, hashes)))
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ]),
  );
}

function namesIn(state: Record<string, unknown[]>): Names {
  return Object.fromEntries(
    Object.entries(REFERENCES).map(([column, [table, name]]) => [
      column,
      new Map((state[table] as Row[]).map((row) => [row['id'], row[name]])),
    ]),
  ) as unknown as Names;
}

function comparable(row: Row, names: Names, hashes: boolean): Row {
  const kept = Object.entries(row).filter(
    ([column]) => !ITS_OWN.has(column) && (hashes || column !== 'client_secret_hash'),
  );
  return Object.fromEntries(kept.map(([column, value]) => [column, named(column, value, names)]));
}

function named(column: string, value: unknown, names: Names): unknown {
  // An id that is issued is another each time.
  if (column === 'client_id' && typeof value === 'string')
    return value.replace(/^client-[\da-f]{8}$/, 'issued');
  if (typeof value !== 'string' || !(column in names)) return value;
  const name = names[column as keyof Names].get(value);
  return name ?? `nobody’s: ${value}`;
}
