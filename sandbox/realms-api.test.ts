import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from './index.ts';
import { AdminClient } from './testing/admin-client.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let client: AdminClient;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['server'], bcryptCost: 4 });
  server = sandbox.environment('server');
  client = new AdminClient(server);
});

afterAll(() => sandbox.stop());

test('a server just installed has the realm master and nothing else', async () => {
  expect(server.realms).toEqual(['master']);
  expect(await client.get('/admin/realms/master/export')).toMatchObject({
    status: 200,
    body: { realm: { id: 'master', displayName: 'Master Realm' }, roles: [], clients: [], users: [] },
  });
});

describe('POST /api/realms', () => {
  test('creates a realm with the documented defaults', async () => {
    const answer = await client.post('/api/realms', { name: 'defaults' });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        name: 'defaults',
        displayName: null,
        tokenLifespanSeconds: 300,
        refreshTokenLifespanSeconds: 2_592_000,
        mfaRequired: false,
        enabled: true,
      },
    });
    expect(answer.headers.get('location')).toBe('/api/realms/defaults');
    expect(await client.get('/api/realms/defaults')).toMatchObject({ status: 200, body: answer.body });
  });

  test('refuses a name that is taken with 409', async () => {
    expect(await client.post('/api/realms', { name: 'master' })).toMatchObject({
      status: 409,
      body: { error: 'REALM_EXISTS', message: expect.any(String), timestamp: expect.any(String) },
    });
  });

  test.each([
    ['Upper', 'name'],
    ['with space', 'name'],
    ['under_score', 'name'],
    ['ünicode', 'name'],
    ['', 'name'],
    ['a'.repeat(256), 'name'],
    ['line\n', 'name'],
  ])('refuses the name %j', async (name, field) => {
    const answer = await client.post('/api/realms', { name });
    expect(answer).toMatchObject({ status: 400, body: { error: 'VALIDATION_FAILED' } });
    expect((answer.body as { fields: { field: string }[] }).fields[0]?.field).toBe(field);
  });

  test('lists every bad member', async () => {
    const answer = await client.post('/api/realms', {
      displayName: 5,
      tokenLifespanSeconds: 1.5,
      refreshTokenLifespanSeconds: 0,
      mfaRequired: 'yes',
    });
    const { fields } = answer.body as { fields: { field: string; message: string }[] };
    expect(Object.fromEntries(fields.map(({ field, message }) => [field, message]))).toEqual({
      name: 'is required',
      displayName: 'must be a string',
      tokenLifespanSeconds: 'must be an integer',
      refreshTokenLifespanSeconds: 'must be at least 1',
      mfaRequired: 'must be a boolean',
    });
  });

  test.each([
    ['[]', 400],
    ['{', 400],
    ['', 400],
    [`{"name":"${'x'.repeat(1_100_000)}"}`, 413],
  ])('refuses a body that is no sane object (%#)', async (body, status) => {
    expect((await client.send('POST', '/api/realms', body)).status).toBe(status);
  });

  test('refuses what is not called JSON', async () => {
    const answer = await client.send('POST', '/api/realms', '{}', { 'content-type': 'text/plain' });
    expect(answer.status).toBe(415);
  });
});

describe('GET /api/realms', () => {
  test('pages in the order of names', async () => {
    for (let i = 10; i < 35; i++) await client.post('/api/realms', { name: `page-${i}` });
    const names: string[] = [];
    for (let page = 0; ; page++) {
      const { body } = await client.get(`/api/realms?page=${page}&size=10`);
      const answer = body as { content: { name: string }[]; totalElements: number; totalPages: number };
      expect(answer).toMatchObject({ page, size: 10, totalPages: Math.ceil(answer.totalElements / 10) });
      names.push(...answer.content.map((realm) => realm.name));
      if (page === answer.totalPages) {
        expect(answer.content).toEqual([]);
        expect(names).toHaveLength(answer.totalElements);
        break;
      }
    }
    expect(names).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  test('has pages of 20 unless told otherwise', async () => {
    const { body } = await client.get('/api/realms');
    expect(body).toMatchObject({ page: 0, size: 20 });
    expect((body as { content: unknown[] }).content).toHaveLength(20);
  });

  test.each(['page=-1', 'size=0', 'size=101', 'page=x', 'size=1.5'])('refuses ?%s', async (query) => {
    expect(await client.get(`/api/realms?${query}`)).toMatchObject({
      status: 400,
      body: { error: 'VALIDATION_FAILED', fields: [{ field: query.split('=')[0] }] },
    });
  });
});

describe('PUT /api/realms/{name}', () => {
  test('changes what it names and leaves the rest', async () => {
    await client.post('/api/realms', { name: 'change', displayName: 'Before', tokenLifespanSeconds: 60 });
    const answer = await client.put('/api/realms/change', { displayName: 'After', mfaRequired: true });
    expect(answer).toMatchObject({
      status: 200,
      body: { displayName: 'After', mfaRequired: true, tokenLifespanSeconds: 60 },
    });
    expect((await client.get('/api/realms/change')).body).toEqual(answer.body);
  });

  test('does not rename', async () => {
    expect(await client.put('/api/realms/master', { name: 'slave' })).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'name' }] },
    });
    expect((await client.put('/api/realms/master', { name: 'master' })).status).toBe(200);
  });

  test('answers 404 for a realm that is not there', async () => {
    expect(await client.put('/api/realms/nope', {})).toMatchObject({
      status: 404,
      body: { error: 'REALM_NOT_FOUND' },
    });
  });
});

describe('DELETE /api/realms/{name}', () => {
  test('removes everything the realm had, in all four databases, and nothing of others', async () => {
    const realm = (id: string): object => ({
      realm: { id },
      roles: [{ name: 'viewer' }],
      clients: [{ clientId: `${id}-app` }],
      users: [{ username: 'alice', email: 'alice@example.com', password: 'pw', roles: ['viewer', 'extra'] }],
    });
    expect((await client.post('/admin/realms/import', realm('gone'))).status).toBe(201);
    expect((await client.post('/admin/realms/import', realm('stays'))).status).toBe(201);
    const [user] = await server.query<{ id: string }>(
      'user',
      `SELECT id FROM users WHERE realm_name = 'gone'`,
    );
    await server.query(
      'user',
      `INSERT INTO user_social_links (user_id, provider, provider_user_id) VALUES ($1, 'x', '1')`,
      [user?.id],
    );
    await server.query('rbac', `INSERT INTO policies (realm_name, name) VALUES ('gone', 'p')`);
    const groups = await server.query<{ id: string }>(
      'rbac',
      `INSERT INTO groups (realm_name, name, path) VALUES ('gone', 'g', '/g') RETURNING id`,
    );
    await server.query(
      'rbac',
      `INSERT INTO groups (realm_name, name, path, parent_id) VALUES ('gone', 'h', '/g/h', $1)`,
      [groups[0]?.id],
    );
    const staying = (await client.get('/admin/realms/stays/export')).body;

    expect(await client.delete('/api/realms/gone')).toMatchObject({ status: 204, body: undefined });

    expect((await client.get('/api/realms/gone')).status).toBe(404);
    const left = await Promise.all([
      server.query('realm', `SELECT FROM realms WHERE name = 'gone'`),
      server.query('user', `SELECT FROM users WHERE realm_name = 'gone'`),
      server.query('user', `SELECT FROM user_credentials WHERE user_id NOT IN (SELECT id FROM users)`),
      server.query('user', `SELECT FROM user_social_links WHERE user_id NOT IN (SELECT id FROM users)`),
      server.query('rbac', `SELECT FROM roles WHERE realm_name = 'gone'`),
      server.query('rbac', `SELECT FROM user_role_mappings WHERE realm_name = 'gone'`),
      server.query('rbac', `SELECT FROM groups WHERE realm_name = 'gone'`),
      server.query('rbac', `SELECT FROM policies WHERE realm_name = 'gone'`),
      server.query('client', `SELECT FROM oauth_clients WHERE realm_name = 'gone'`),
    ]);
    expect(left.flat()).toEqual([]);
    expect((await client.get('/admin/realms/stays/export')).body).toEqual(staying);
    expect(await server.checkPassword('stays', 'alice', 'pw')).toBe(true);
  });

  test('answers 404 for a realm that is not there', async () => {
    expect((await client.delete('/api/realms/nope')).status).toBe(404);
  });
});
