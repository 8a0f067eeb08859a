import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededPassword, startSandbox, type EnvironmentHandle, type Sandbox } from '../index.ts';

const USERS = 1_000;

let sandbox: Sandbox;
let dev: EnvironmentHandle;
let prod: EnvironmentHandle;

beforeAll(async () => {
  sandbox = await startSandbox({ users: USERS });
  dev = sandbox.environment('dev');
  prod = sandbox.environment('prod');
});

afterAll(() => sandbox.stop());

interface Person {
  id: string;
  username: string;
  email: string;
  first_name: string | null;
  last_name: string | null;
  enabled: boolean;
}

const people = (environment: EnvironmentHandle, realm = 'acme'): Promise<Person[]> =>
  environment.query<Person>('user', 'SELECT * FROM users WHERE realm_name = $1', [realm]);

describe('dev', () => {
  test('has the realms and as many users as asked for', async () => {
    expect(dev.realms).toEqual(['acme', 'field-ops', 'master', 'partner-portal']);
    expect(await people(dev)).toHaveLength(USERS);
  });

  test('has names in many scripts, and names that break naive tools', async () => {
    const users = await people(dev);
    const text = users.map((user) => `${user.first_name} ${user.last_name}`).join();
    for (const script of [
      'Latin',
      'Cyrillic',
      'Greek',
      'Arabic',
      'Hebrew',
      'Han',
      'Hiragana',
      'Katakana',
      'Hangul',
      'Devanagari',
      'Thai',
      'Khmer',
    ])
      expect(text).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
    const names = users.map((user) => user.username);
    expect(names.some((name) => Array.from(name).length === 255)).toBe(true);
    expect(names.some((name) => /["']/.test(name))).toBe(true);
    expect(names.some((name) => /\p{Emoji_Presentation}/u.test(name))).toBe(true);
    expect(names.some((name) => /\p{Script=Arabic}/u.test(name))).toBe(true);
    expect(users.some((user) => user.last_name?.includes('\n'))).toBe(true);
    expect(names).toEqual(expect.arrayContaining(['alice', 'Alice']));
    expect(await people(dev, 'partner-portal')).toContainEqual(
      expect.objectContaining({ username: 'ALICE' }),
    );
  });

  test('maps no role to a user who is not there, and no group to a missing parent', async () => {
    const ids = new Set(
      (await dev.query<{ id: string }>('user', 'SELECT id FROM users')).map((user) => user.id),
    );
    const mapped = await dev.query<{ user_id: string }>(
      'rbac',
      'SELECT DISTINCT user_id FROM user_role_mappings',
    );
    expect(mapped.length).toBeGreaterThan(USERS * 0.8);
    expect(mapped.filter((mapping) => !ids.has(mapping.user_id))).toEqual([]);
    const groups = await dev.query<{ path: string; parent: string | null }>(
      'rbac',
      `SELECT child.path, parent.path AS parent FROM groups AS child LEFT JOIN groups AS parent ON parent.id = child.parent_id
       WHERE child.realm_name = 'acme'`,
    );
    for (const { path, parent } of groups) expect(parent ?? '').toBe(path.slice(0, path.lastIndexOf('/')));
  });

  test('has users who can log in, others without a password, and social links', async () => {
    expect(await dev.checkPassword('acme', 'alice', seededPassword(1))).toBe(true);
    expect(await dev.checkPassword('acme', 'alice', 'wrong')).toBe(false);
    const [counts] = await dev.query<Record<string, number>>(
      'user',
      `SELECT (SELECT count(*)::int FROM user_credentials) AS credentials,
              (SELECT count(*)::int FROM user_social_links) AS links, (SELECT count(*)::int FROM users) AS users`,
    );
    expect(counts?.['credentials']).toBeGreaterThan(USERS * 0.9);
    expect(counts?.['credentials']).toBeLessThan(counts?.['users'] ?? 0);
    expect(counts?.['links']).toBeGreaterThan(USERS * 0.03);
  });

  test("has Flyway's history in all four databases", async () => {
    for (const database of ['realm', 'user', 'rbac', 'client'] as const)
      expect(await dev.query(database, 'SELECT version, success FROM flyway_schema_history')).toContainEqual({
        version: '1',
        success: true,
      });
  });

  test('is the same in every run', async () => {
    await using again = await startSandbox({ users: USERS, environments: ['dev'] });
    const other = again.environment('dev');
    for (const [database, table] of [
      ['realm', 'realms'],
      ['user', 'users'],
      ['user', 'user_credentials'],
      ['user', 'user_social_links'],
      ['rbac', 'roles'],
      ['rbac', 'user_role_mappings'],
      ['rbac', 'groups'],
      ['rbac', 'policies'],
      ['client', 'oauth_clients'],
    ] as const) {
      const sql = `SELECT count(*)::int AS count, md5(string_agg(row::text, '|' ORDER BY row::text)) AS hash FROM ${table} AS row`;
      const [rows] = await dev.query(database, sql);
      expect(rows).toMatchObject({ count: expect.any(Number), hash: expect.any(String) });
      expect(await other.query(database, sql)).toEqual([rows]);
    }
  });
});

describe('prod, seen from dev', () => {
  test('has three fifths of the people, some changed, under other ids', async () => {
    const theirs = new Map((await people(prod)).map((user) => [user.username, user]));
    const common = (await people(dev)).filter((user) => theirs.has(user.username));
    expect(common.length / USERS).toBeCloseTo(0.6, 1);
    const changed = (member: keyof Person): number =>
      common.filter((user) => theirs.get(user.username)?.[member] !== user[member]).length;
    expect(changed('id')).toBe(common.length);
    expect(changed('last_name')).toBeGreaterThan(5);
    expect(changed('email')).toBeGreaterThan(5);
    expect(changed('enabled')).toBeGreaterThan(5);
    expect(changed('last_name')).toBeLessThan(common.length / 10);
  });

  test('has e-mails of dev under other user names, names that differ only by case, and users of its own', async () => {
    const ours = await people(dev);
    const theirs = await people(prod);
    const byEmail = new Map(theirs.map((user) => [user.email, user.username]));
    const taken = ours.filter((user) => (byEmail.get(user.email) ?? user.username) !== user.username);
    expect(taken.length).toBeGreaterThanOrEqual(5);
    const names = new Set(ours.map((user) => user.username));
    const folded = new Set(ours.map((user) => user.username.toLowerCase()));
    const byCase = theirs.filter(
      (user) => !names.has(user.username) && folded.has(user.username.toLowerCase()),
    );
    expect(byCase.length).toBeGreaterThanOrEqual(5);
    expect(theirs.filter((user) => !folded.has(user.username.toLowerCase())).length).toBeGreaterThan(
      USERS / 60,
    );
  });

  test('has fewer roles and clients, and a client and a social link of acme in another realm', async () => {
    const names = async (
      environment: EnvironmentHandle,
      column: string,
      table: string,
    ): Promise<string[]> => {
      const database = table === 'roles' ? 'rbac' : 'client';
      const rows = await environment.query<{ name: string }>(
        database,
        `SELECT ${column} AS name FROM ${table} WHERE realm_name = 'acme'`,
      );
      return rows.map((row) => row.name);
    };
    const roles = [await names(dev, 'name', 'roles'), await names(prod, 'name', 'roles')] as const;
    expect(roles[0]).toHaveLength(12);
    expect(roles[0]).toEqual(expect.arrayContaining(roles[1]));
    expect(roles[1].length).toBeLessThan(12);
    expect(await names(dev, 'client_id', 'oauth_clients')).toHaveLength(15);
    expect(await names(dev, 'client_id', 'oauth_clients')).toContain('partner-sync');
    const owner = `SELECT realm_name FROM oauth_clients WHERE client_id = 'partner-sync'`;
    expect(await prod.query('client', owner)).toEqual([{ realm_name: 'partner-portal' }]);

    const links = (environment: EnvironmentHandle): Promise<{ link: string; realm_name: string }[]> =>
      environment.query(
        'user',
        `SELECT provider || provider_user_id AS link, realm_name FROM user_social_links JOIN users ON users.id = user_id`,
      );
    const elsewhere = new Map((await links(prod)).map(({ link, realm_name }) => [link, realm_name]));
    const conflicts = (await links(dev)).filter(
      ({ link, realm_name }) => (elsewhere.get(link) ?? realm_name) !== realm_name,
    );
    expect(conflicts).toHaveLength(1);
  });
});

test('a sandbox of very few users has them', async () => {
  await using small = await startSandbox({ users: 3 });
  expect(await people(small.environment('dev'))).toHaveLength(3);
  expect((await people(small.environment('prod'))).map((user) => user.username)).toContain('alice');
});
