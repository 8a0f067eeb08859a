import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../sandbox/index.ts';

/** What docs/guide/large-user-base.md says of the documented `pg_dump -t users … | psql …`, done by its SQL. */
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ users: 300, environments: ['dev', 'fresh'] });
});
afterAll(async () => sandbox?.stop());

/** One table's rows, in one statement, as the dump's `COPY` has them. */
async function copyUsers(): Promise<void> {
  const [{ rows } = { rows: [] }] = await sandbox
    .environment('dev')
    .query<{ rows: unknown }>('user', 'SELECT json_agg(users) AS rows FROM users');
  await sandbox
    .environment('fresh')
    .query('user', 'INSERT INTO users SELECT * FROM json_populate_recordset(NULL::users, $1)', [
      JSON.stringify(rows),
    ]);
}

async function count(environment: string, database: 'user' | 'rbac', table: string): Promise<number> {
  const [row] = await sandbox
    .environment(environment)
    .query<{ n: number }>(database, `SELECT count(*)::int AS n FROM ${table}`);
  return row!.n;
}

test('it brings all users of all realms, and not one password, role, or link', async () => {
  await copyUsers();
  const users = await count('dev', 'user', 'users');
  expect(users).toBeGreaterThan(400);
  expect(await count('fresh', 'user', 'users')).toBe(users);
  for (const [database, table] of [
    ['user', 'user_credentials'],
    ['user', 'user_social_links'],
    ['rbac', 'user_role_mappings'],
  ] as const) {
    expect(await count('dev', database, table), table).toBeGreaterThan(0);
    expect(await count('fresh', database, table), table).toBe(0);
  }
});

test('where one of them is there already, none comes over', async () => {
  const fresh = sandbox.environment('fresh');
  await fresh.query('user', `DELETE FROM users WHERE username <> 'alice' OR realm_name <> 'acme'`);
  await expect(copyUsers()).rejects.toThrow(/duplicate key/);
  expect(await count('fresh', 'user', 'users')).toBe(1);
});
