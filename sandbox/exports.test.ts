import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from './index.ts';
import { AdminClient } from './testing/admin-client.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let client: AdminClient;

beforeAll(async () => {
  sandbox = await startSandbox({ users: 6_000, environments: ['dev'] });
  server = sandbox.environment('dev');
  client = new AdminClient(server);
  await client.post('/api/realms', { name: 'slow' });
  // 40 MB: more than all buffers on the way hold.
  await server.query(
    'user',
    `INSERT INTO users (realm_name, username, email, first_name, last_name)
     SELECT 'slow', n, n || '@example.com', repeat('長', 255), repeat('名', 255) FROM generate_series(1, 26000) AS n`,
  );
});

afterAll(() => sandbox.stop());

interface ExportedUser {
  username: string;
  roles: string[];
  [member: string]: unknown;
}

async function exported<Body>(path: string): Promise<Body> {
  const answer = await client.get(`/admin/realms/${path}`);
  expect(answer.status).toBe(200);
  return answer.body as Body;
}

describe('an export', () => {
  test('has the members of the documented document, in its order', async () => {
    const document = await exported<Record<string, unknown>>('acme/export');
    expect(Object.keys(document)).toEqual(['realm', 'roles', 'clients', 'users']);
    expect(document['realm']).toEqual({
      id: 'acme',
      displayName: 'ACME Corporation',
      enabled: true,
      loginTheme: 'acme-dark',
      accessTokenLifespan: 300,
      refreshTokenLifespan: 86_400,
      mfaRequired: true,
      passwordPolicy: expect.objectContaining({ minLength: 12 }),
      smtpConfig: expect.objectContaining({ host: 'smtp.acme.example', password: '**********' }),
    });
  });

  test('agrees with the databases about every user and every role', async () => {
    const { users } = await exported<{ users: ExportedUser[] }>('acme/users/export');
    const rows = await server.query<{ id: string; username: string; [column: string]: unknown }>(
      'user',
      `SELECT id, username, email, first_name, last_name, enabled, email_verified
       FROM users WHERE realm_name = 'acme' ORDER BY username COLLATE "C"`,
    );
    const mappings = await server.query<{ user_id: string; roles: string[] }>(
      'rbac',
      `SELECT user_id, array_agg(name::text ORDER BY name COLLATE "C") AS roles
       FROM user_role_mappings JOIN roles ON roles.id = role_id GROUP BY user_id`,
    );
    const roles = new Map(mappings.map((mapping) => [mapping.user_id, mapping.roles]));
    expect(rows).toHaveLength(6_000);
    expect(users).toEqual(
      rows.map((row) => ({
        username: row.username,
        email: row['email'],
        ...(row['first_name'] !== null && { firstName: row['first_name'] }),
        ...(row['last_name'] !== null && { lastName: row['last_name'] }),
        enabled: row['enabled'],
        emailVerified: row['email_verified'],
        roles: roles.get(row.id) ?? [],
      })),
    );
  });

  test('of all equals the parts', async () => {
    const all = await exported<Record<string, unknown>>('acme/export');
    expect(await exported('acme/users/export')).toEqual({ users: all['users'] });
    expect(await exported('acme/clients/export')).toEqual({ clients: all['clients'] });
    expect(await exported('acme/roles/export')).toEqual({
      roles: all['roles'],
      roleMappings: (all['users'] as ExportedUser[])
        .filter((user) => user.roles.length > 0)
        .map(({ username, roles }) => ({ username, roles })),
    });
  });

  test('leaves out what is null and keeps what is empty', async () => {
    const { clients } = await exported<{ clients: Record<string, unknown>[] }>('acme/clients/export');
    const byId = new Map(clients.map((one) => [one['clientId'], one]));
    expect(byId.get('acme-wiki')).not.toHaveProperty('name');
    expect(byId.get('acme-wiki')).not.toHaveProperty('scopes');
    expect(byId.get('acme-monitor')).toMatchObject({ scopes: [] });
    expect(byId.get('acme-backend')).toMatchObject({ redirectUris: [] });
  });

  test('redacts secrets and carries no hash, id or time', async () => {
    const { clients } = await exported<{ clients: Record<string, unknown>[] }>('acme/clients/export');
    for (const one of clients)
      expect(one['clientSecret']).toBe(one['publicClient'] ? undefined : '**********');
    const text = JSON.stringify(await exported('acme/export'));
    expect(text).not.toMatch(/\$2[aby]\$/);
    expect(text).not.toContain('smtp-password-of-acme');
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
    expect(text).not.toMatch(/"(?:createdAt|updatedAt|passwordHash)"/);
  });

  test('gives a settings column that holds no JSON as a string', async () => {
    await server.query('realm', `UPDATE realms SET password_policy = 'length(8)' WHERE name = 'field-ops'`);
    const { realm } = await exported<{ realm: object }>('field-ops/export');
    expect(realm).toMatchObject({ passwordPolicy: 'length(8)' });
  });

  test.each(['export', 'users/export', 'roles/export', 'clients/export'])(
    'of a realm that is not there is 404: %s',
    async (path) => {
      expect(await client.get(`/admin/realms/nope/${path}`)).toMatchObject({
        status: 404,
        body: { error: 'REALM_NOT_FOUND' },
      });
    },
  );

  test('shows one moment, whatever is imported meanwhile', async () => {
    const realm = (version: number): object => ({
      realm: { id: 'moving', displayName: `v${version}` },
      roles: [{ name: `role-${version}` }],
      clients: [{ clientId: `moving-${version}` }],
      users: Array.from({ length: 300 }, (_, i) => ({
        username: `u${i}`,
        email: `u${i}@v${version}.example`,
        roles: [`role-${version}`],
      })),
    });
    await client.post('/admin/realms/import', realm(0));
    const progress = { ended: false };
    const importing = (async () => {
      for (let version = 1; version <= 12; version++)
        await client.post('/admin/realms/import?overwrite=true', realm(version));
      progress.ended = true;
    })();
    while (!progress.ended) {
      const document = await exported<{
        realm: { displayName: string };
        roles: { name: string }[];
        clients: { clientId: string }[];
        users: { email: string; roles: string[] }[];
      }>('moving/export');
      const version = document.realm.displayName.slice(1);
      expect(document.roles.map((role) => role.name)).toEqual([`role-${version}`]);
      expect(document.clients.map((one) => one.clientId)).toEqual([`moving-${version}`]);
      expect(document.users).toHaveLength(300);
      for (const user of document.users)
        expect(user).toMatchObject({
          email: expect.stringContaining(`@v${version}.`),
          roles: [`role-${version}`],
        });
    }
    await importing;
  });

  test('makes the database wait for a reader that pauses', async () => {
    const answer = await fetch(`${server.apiUrl}/admin/realms/slow/export`, {
      headers: { authorization: `Bearer ${server.issueToken()}` },
    });
    const reader = answer.body?.getReader();
    await reader?.read();
    const waiting = (): Promise<unknown[]> =>
      server.query(
        'user',
        `SELECT FROM pg_stat_activity WHERE query LIKE 'COPY %' AND wait_event = 'ClientWrite'`,
      );
    await expect.poll(waiting, { timeout: 10_000 }).toHaveLength(1);
    await sleep(2_000);
    // It may have been let on for a moment, for as much as a buffer took; one that nobody holds back has ended by now.
    await expect.poll(waiting, { timeout: 10_000 }).toHaveLength(1);
    let bytes = 0;
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      bytes += part.value.length;
    expect(bytes).toBeGreaterThan(39_000_000);
  });

  test('broken off by its reader leaves a server that still works', async () => {
    // More often than there are connections.
    for (let i = 0; i < 12; i++) {
      const abort = new AbortController();
      const answer = await fetch(`${server.apiUrl}/admin/realms/slow/export`, {
        headers: { authorization: `Bearer ${server.issueToken()}` },
        signal: abort.signal,
      });
      const reader = answer.body?.getReader();
      for (let bytes = 0; bytes < 1_000_000;) bytes += (await reader?.read())?.value?.length ?? 0;
      abort.abort();
    }
    expect((await exported<{ users: unknown[] }>('acme/users/export')).users).toHaveLength(6_000);
    const copying = (): Promise<unknown[]> =>
      server.query('user', `SELECT FROM pg_stat_activity WHERE query LIKE 'COPY %' AND state = 'active'`);
    await expect.poll(copying, { timeout: 10_000 }).toEqual([]);
  });
});
