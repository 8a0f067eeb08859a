import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from './index.ts';
import { AdminClient, type Answer } from './testing/admin-client.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let client: AdminClient;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['server'], bcryptCost: 4 });
  server = sandbox.environment('server');
  client = new AdminClient(server);
});

afterAll(() => sandbox.stop());

const importRealm = (body: unknown, query = ''): Promise<Answer> =>
  client.post(`/admin/realms/import${query}`, body);
const importUsers = (users: unknown, query = '', realm = 'shop'): Promise<Answer> =>
  client.post(`/admin/realms/${realm}/users/import${query}`, { users });

const user = (username: string, more: object = {}): Record<string, unknown> => ({
  username,
  email: `${username}@example.com`,
  ...more,
});

/** All that the server has of all realms, ids and times included: equal before and after means untouched. */
async function everything(): Promise<unknown> {
  const tables = [
    ['realm', 'realms'],
    ['user', 'users'],
    ['user', 'user_credentials'],
    ['rbac', 'roles'],
    ['rbac', 'user_role_mappings'],
    ['client', 'oauth_clients'],
  ] as const;
  return Promise.all(
    tables.map(([database, table]) => server.query(database, `SELECT * FROM ${table} ORDER BY id`)),
  );
}

async function expectRefused(attempt: () => Promise<Answer>, status: number, body: object): Promise<void> {
  const before = await everything();
  expect(await attempt()).toMatchObject({ status, body });
  expect(await everything()).toEqual(before);
}

beforeEach(async () => {
  for (const { name } of await server.query<{ name: string }>('realm', 'SELECT name FROM realms'))
    if (name !== 'master') await client.delete(`/api/realms/${name}`);
});

describe('POST /admin/realms/import', () => {
  const shop = {
    realm: {
      id: 'shop',
      displayName: 'Shop',
      enabled: false,
      loginTheme: 'dark',
      accessTokenLifespan: 60,
      refreshTokenLifespan: 600,
      mfaRequired: true,
      passwordPolicy: { minLength: 9 },
      smtpConfig: { host: 'smtp.example.com', port: 25 },
    },
    roles: [
      { name: 'admin', description: 'All', composite: true },
      { name: 'viewer', composite: false },
    ],
    clients: [
      {
        clientId: 'shop-web',
        name: 'Web',
        description: 'The shop',
        enabled: false,
        publicClient: true,
        pkceRequired: true,
        redirectUris: ['https://shop.example/cb'],
        webOrigins: ['+'],
        grantTypes: ['authorization_code'],
        scopes: [],
      },
    ],
    users: [
      {
        username: 'alice',
        email: 'alice@example.com',
        firstName: 'Alice',
        lastName: 'لیلا "x"\n🦊',
        enabled: false,
        emailVerified: true,
        roles: ['admin', 'viewer'],
      },
    ],
  };

  test('creates a realm from which the export gives the same document', async () => {
    expect(await importRealm(shop)).toMatchObject({
      status: 201,
      body: {
        realm: 'shop',
        roles: { created: 2, names: ['admin', 'viewer'] },
        clients: { created: 1 },
        users: { created: 1, updated: 0, skipped: 0 },
      },
    });
    expect((await client.get('/admin/realms/shop/export')).body).toEqual(shop);
  });

  test('fills in defaults, and treats null as absent', async () => {
    const answer = await importRealm({
      realm: { id: 'shop', displayName: null, accessTokenLifespan: null },
      clients: [{ clientId: 'c', name: null, redirectUris: null }],
      users: [user('bob', { enabled: null, roles: null, firstName: null })],
      somethingNewer: [{ a: 1 }],
    });
    expect(answer.status).toBe(201);
    expect((await client.get('/admin/realms/shop/export')).body).toEqual({
      realm: {
        id: 'shop',
        enabled: true,
        loginTheme: 'default',
        accessTokenLifespan: 300,
        refreshTokenLifespan: 2_592_000,
        mfaRequired: false,
      },
      roles: [],
      clients: [
        {
          clientId: 'c',
          enabled: true,
          publicClient: false,
          pkceRequired: false,
          clientSecret: '**********',
        },
      ],
      users: [{ ...user('bob'), enabled: true, emailVerified: false, roles: [] }],
    });
  });

  test('takes members in any order', async () => {
    const { realm, ...rest } = shop;
    expect((await importRealm({ ...rest, realm })).status).toBe(201);
    expect((await client.get('/admin/realms/shop/export')).body).toEqual(shop);
  });

  test('answers 409 and changes nothing when the realm exists', async () => {
    await importRealm(shop);
    await expectRefused(() => importRealm({ realm: { id: 'shop' } }), 409, { error: 'REALM_EXISTS' });
    await expectRefused(() => importRealm({ realm: { id: 'shop' } }, '?overwrite=false'), 409, {
      error: 'REALM_EXISTS',
    });
  });

  test('with overwrite=true deletes and recreates the realm, users included', async () => {
    await importRealm({ ...shop, users: [user('old', { password: 'pw' })], roles: [{ name: 'old-role' }] });
    const [before] = await server.query<{ id: string }>('realm', `SELECT id FROM realms WHERE name = 'shop'`);
    expect(await importRealm(shop, '?overwrite=true')).toMatchObject({
      status: 200,
      body: { realm: 'shop' },
    });
    expect((await client.get('/admin/realms/shop/export')).body).toEqual(shop);
    const [after] = await server.query<{ id: string }>('realm', `SELECT id FROM realms WHERE name = 'shop'`);
    expect(after?.id).not.toBe(before?.id);
    expect(await server.query('user', 'SELECT FROM user_credentials')).toEqual([]);
  });

  test('with overwrite=true creates a realm that is not there', async () => {
    expect((await importRealm(shop, '?overwrite=true')).status).toBe(201);
  });

  test.each(['', '?overwrite=true'])(
    'answers 409 when a client belongs to another realm%s, and changes nothing',
    async (query) => {
      await importRealm({ realm: { id: 'owner' }, clients: [{ clientId: 'shared' }] });
      if (query !== '') await importRealm(shop);
      const clients = [{ clientId: 'mine' }, { clientId: 'shared' }];
      await expectRefused(() => importRealm({ ...shop, clients }, query), 409, {
        error: 'CLIENT_EXISTS',
        conflicts: [{ clientId: 'shared' }],
      });
    },
  );

  test('creates roles that only a mapping names', async () => {
    const answer = await importRealm({
      realm: { id: 'shop' },
      roles: [{ name: 'known' }],
      users: [user('a', { roles: ['known', 'unknown'] }), user('b', { roles: ['unknown', 'unknown'] })],
    });
    expect(answer.body).toMatchObject({ roles: { created: 2, names: ['known', 'unknown'] } });
    const { users } = (await client.get('/admin/realms/shop/users/export')).body as { users: unknown };
    expect(users).toMatchObject([{ roles: ['known', 'unknown'] }, { roles: ['unknown'] }]);
  });

  test('stores passwords and client secrets as BCrypt hashes of the cost asked for', async () => {
    await importRealm({
      realm: { id: 'shop' },
      clients: [
        { clientId: 'given', clientSecret: 'the-secret' },
        { clientId: 'masked', clientSecret: '**********' },
        { clientId: 'none' },
        { clientId: 'public', publicClient: true, clientSecret: 'ignored' },
      ],
      users: [user('with', { password: 'correct horse' }), user('without')],
    });
    expect(await server.checkPassword('shop', 'with', 'correct horse')).toBe(true);
    expect(await server.checkPassword('shop', 'with', 'wrong')).toBe(false);
    expect(await server.checkPassword('shop', 'without', '')).toBe(false);
    expect(await server.checkClientSecret('given', 'the-secret')).toBe(true);
    expect(await server.checkClientSecret('masked', '**********')).toBe(false);
    const rows = await server.query<{ client_id: string; client_secret_hash: string | null }>(
      'client',
      'SELECT client_id, client_secret_hash FROM oauth_clients ORDER BY client_id',
    );
    const hash = expect.stringMatching(/^\$2b\$04\$.{53}$/);
    expect(rows).toEqual([
      { client_id: 'given', client_secret_hash: hash },
      { client_id: 'masked', client_secret_hash: hash },
      { client_id: 'none', client_secret_hash: hash },
      { client_id: 'public', client_secret_hash: null },
    ]);
  });

  test('does not store a masked SMTP password as if it were one', async () => {
    await importRealm({ realm: { id: 'shop', smtpConfig: { host: 'h', password: '**********' } } });
    expect(await server.query('realm', `SELECT smtp_settings FROM realms WHERE name = 'shop'`)).toEqual([
      { smtp_settings: '{"host":"h"}' },
    ]);
  });

  test('refuses two users with one e-mail', async () => {
    const users = [user('a'), user('b', { email: 'a@example.com' })];
    await expectRefused(() => importRealm({ realm: { id: 'shop' }, users }), 409, { error: 'EMAIL_EXISTS' });
  });

  test.each([
    [{}, ['realm']],
    [{ realm: {} }, ['realm.id']],
    [{ realm: { id: 'Bad Name' } }, ['realm.id']],
    [
      { realm: { id: 'shop', accessTokenLifespan: 'x', smtpConfig: 5 } },
      ['realm.accessTokenLifespan', 'realm.smtpConfig'],
    ],
    [{ realm: 'shop' }, ['realm']],
    [{ realm: { id: 'shop' }, users: {} }, ['users']],
    [{ realm: { id: 'shop' }, roles: [{}, 5] }, ['roles[0].name', 'roles[1]']],
    [{ realm: { id: 'shop' }, clients: [{ clientId: 'c', grantTypes: [1] }] }, ['clients[0].grantTypes[0]']],
    [{ realm: { id: 'shop' }, users: [user('a'), { username: 'b' }] }, ['users[1].email']],
    [{ realm: { id: 'shop' }, users: [user('a', { email: 'no at' })] }, ['users[0].email']],
    [{ realm: { id: 'shop' }, users: [user('a\0b', { email: 'x@y' })] }, ['users[0].username']],
    [{ realm: { id: 'shop' }, users: [user('a', { firstName: '\ud800' })] }, ['users[0].firstName']],
    [{ realm: { id: 'shop' }, users: [user('x'.repeat(256), { email: 'x@y' })] }, ['users[0].username']],
    [{ realm: { id: 'shop' }, users: [user('a', { password: 'x'.repeat(73) })] }, ['users[0].password']],
    [
      { realm: { id: 'shop' }, users: [user('a'), user('b'), user('a', { email: 'c@y' })] },
      ['users[2].username'],
    ],
    [{ realm: { id: 'shop' }, roles: [{ name: 'r' }, { name: 'r' }] }, ['roles[1].name']],
    [{ realm: { id: 'shop' }, clients: [{ clientId: 'c' }, { clientId: 'c' }] }, ['clients[1].clientId']],
  ])('names the bad members of body %#', async (body, fields) => {
    await expectRefused(() => importRealm(body), 400, {
      error: 'VALIDATION_FAILED',
      fields: fields.map((field) => ({ field, message: expect.any(String) })),
    });
  });

  test('takes what only looks too long: 255 characters beyond the basic plane', async () => {
    const username = '𠮷'.repeat(255);
    const users = [{ username, email: 'long@example.com' }];
    expect((await importRealm({ realm: { id: 'shop' }, users })).status).toBe(201);
  });

  test('lists no more than a hundred findings', async () => {
    const answer = await importRealm({ realm: { id: 'shop' }, users: Array.from({ length: 500 }, () => 5) });
    expect((answer.body as { fields: unknown[] }).fields).toHaveLength(100);
  });

  test.each([
    ['', 'MALFORMED_JSON'],
    ['{"realm":{"id":"shop"},"users":[', 'MALFORMED_JSON'],
    ['{"realm":{"id":"shop"}} trailing', 'MALFORMED_JSON'],
    ['{"realm":{"id":"shop"},"users":[NaN]}', 'MALFORMED_JSON'],
    ['\ufeff{"realm":{"id":"shop"}}', 'MALFORMED_JSON'],
    ['{"realm":{"id":"shop"},"realm":{"id":"two"}}', 'VALIDATION_FAILED'],
    ['[]', 'VALIDATION_FAILED'],
    [`{"realm":{"id":"shop"},"users":[${'['.repeat(100)}`, 'VALIDATION_FAILED'],
  ])('refuses the text %j', async (text, error) => {
    await expectRefused(() => client.send('POST', '/admin/realms/import', text), 400, { error });
  });

  test('refuses overwrite with another word than true or false', async () => {
    await expectRefused(() => importRealm(shop, '?overwrite=yes'), 400, { fields: [{ field: 'overwrite' }] });
  });
});

describe('POST /admin/realms/{realm}/users/import', () => {
  beforeEach(async () => {
    await importRealm({
      realm: { id: 'shop' },
      roles: [{ name: 'viewer' }, { name: 'editor' }],
      users: [
        user('alice', { firstName: 'Alice', lastName: 'L', password: 'pw', roles: ['viewer'] }),
        user('bob', { emailVerified: true }),
      ],
    });
  });

  const users = async (): Promise<unknown> =>
    ((await client.get('/admin/realms/shop/users/export')).body as { users: unknown }).users;

  test('adds new users and skips those that are there, whole', async () => {
    const answer = await importUsers([
      user('alice', { firstName: 'Changed', roles: ['editor'] }),
      user('carol', { roles: ['viewer', 'brand-new'] }),
    ]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        realm: 'shop',
        users: { created: 1, updated: 0, skipped: 1 },
        roles: { created: 1, names: ['brand-new'] },
      },
    });
    expect(await users()).toMatchObject([
      { username: 'alice', firstName: 'Alice', roles: ['viewer'] },
      { username: 'bob' },
      { username: 'carol', roles: ['brand-new', 'viewer'] },
    ]);
  });

  test('a second time changes nothing', async () => {
    await importUsers([user('carol', { roles: ['viewer'] })]);
    const before = await everything();
    expect((await importUsers([user('carol', { roles: ['editor'] })])).body).toMatchObject({
      users: { created: 0, skipped: 1 },
      roles: { created: 0 },
    });
    expect(await everything()).toEqual(before);
  });

  test('with mergeUsers=true updates what the body names and leaves the rest', async () => {
    const answer = await importUsers(
      [
        user('alice', { email: 'new@example.com', lastName: null, enabled: false, password: 'other' }),
        { username: 'bob', firstName: 'Bob', roles: ['editor', 'fresh'] },
        user('dave'),
      ],
      '?mergeUsers=true',
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { users: { created: 1, updated: 2, skipped: 0 }, roles: { names: ['fresh'] } },
    });
    expect(await users()).toEqual([
      {
        username: 'alice',
        email: 'new@example.com',
        firstName: 'Alice',
        enabled: false,
        emailVerified: false,
        roles: ['viewer'],
      },
      {
        ...user('bob'),
        firstName: 'Bob',
        enabled: true,
        emailVerified: true,
        roles: ['editor', 'fresh'],
      },
      { ...user('dave'), enabled: true, emailVerified: false, roles: [] },
    ]);
    // Attributes are updated; a password is none.
    expect(await server.checkPassword('shop', 'alice', 'pw')).toBe(true);
  });

  test('with mergeUsers=true keeps ids, times of creation, and roles that the body does not list', async () => {
    const rows = (): Promise<unknown> =>
      server.query('user', 'SELECT id, created_at FROM users ORDER BY username');
    const before = await rows();
    await importUsers([user('alice', { roles: ['editor'] })], '?mergeUsers=true');
    expect(await rows()).toEqual(before);
    expect(await users()).toMatchObject([{ roles: ['editor', 'viewer'] }, {}]);
  });

  test('takes user names that differ only by case as different users', async () => {
    const answer = await importUsers([{ username: 'Alice', email: 'Alice@example.com' }]);
    expect(answer.body).toMatchObject({ users: { created: 1 } });
  });

  test('answers 409 when an e-mail belongs to another user of the realm, and changes nothing', async () => {
    const taken = { error: 'EMAIL_EXISTS', conflicts: [{ username: 'eve', email: 'bob@example.com' }] };
    await expectRefused(
      () => importUsers([user('zoe'), user('eve', { email: 'bob@example.com' })]),
      409,
      taken,
    );
    await expectRefused(
      () => importUsers([user('alice', { email: 'bob@example.com' })], '?mergeUsers=true'),
      409,
      { error: 'EMAIL_EXISTS' },
    );
  });

  test('does not mind the e-mail of a user it skips, or one of another realm', async () => {
    await importRealm({ realm: { id: 'other' }, users: [user('zed')] });
    const answer = await importUsers([user('alice', { email: 'bob@example.com' }), user('zed')]);
    expect(answer).toMatchObject({ status: 200, body: { users: { created: 1, skipped: 1 } } });
  });

  test('answers 404 for a realm that is not there, before and after the body', async () => {
    await expectRefused(() => importUsers([user('x')], '', 'nope'), 404, { error: 'REALM_NOT_FOUND' });
  });

  test.each([
    [{}, 'users'],
    [{ users: [{ username: 'new' }] }, 'users[0].email'],
    [{ users: [user('ok'), user('x', { enabled: 'yes' })] }, 'users[1].enabled'],
    [{ users: [user('x', { roles: [''] })] }, 'users[0].roles[0]'],
  ])('names the bad member of body %#', async (body, field) => {
    await expectRefused(() => client.post('/admin/realms/shop/users/import', body), 400, {
      fields: [{ field }],
    });
  });

  test('imports at the same time do not lose each other', async () => {
    const batches = Array.from({ length: 6 }, (_, batch) =>
      Array.from({ length: 50 }, (_, i) => user(`u${batch}-${i}`, { roles: ['common', `own-${batch}`] })),
    );
    const answers = await Promise.all(batches.map((batch) => importUsers(batch)));
    expect(answers.map((answer) => answer.status)).toEqual(batches.map(() => 200));
    expect(await users()).toHaveLength(302);
    expect(await server.query('rbac', `SELECT FROM roles WHERE name = 'common'`)).toHaveLength(1);
  });
});
