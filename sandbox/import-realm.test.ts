import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from './index.ts';
import { expectRefused, ImportBench, user } from './testing/import-bench.ts';

let sandbox: Sandbox;
let bench: ImportBench;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['server'], bcryptCost: 4 });
  bench = new ImportBench(sandbox.environment('server'));
});

afterAll(() => sandbox.stop());

beforeEach(() => bench.clear());

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
    expect(await bench.importRealm(shop)).toMatchObject({
      status: 201,
      body: {
        realm: 'shop',
        roles: { created: 2, names: ['admin', 'viewer'] },
        clients: { created: 1 },
        users: { created: 1, updated: 0, skipped: 0 },
      },
    });
    expect((await bench.client.get('/admin/realms/shop/export')).body).toEqual(shop);
  });

  test('fills in defaults, and treats null as absent', async () => {
    const answer = await bench.importRealm({
      realm: { id: 'shop', displayName: null, accessTokenLifespan: null },
      clients: [{ clientId: 'c', name: null, redirectUris: null }],
      users: [user('bob', { enabled: null, roles: null, firstName: null })],
      somethingNewer: [{ a: 1 }],
    });
    expect(answer.status).toBe(201);
    expect((await bench.client.get('/admin/realms/shop/export')).body).toEqual({
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
    expect((await bench.importRealm({ ...rest, realm })).status).toBe(201);
    expect((await bench.client.get('/admin/realms/shop/export')).body).toEqual(shop);
  });

  test('answers 409 and changes nothing when the realm exists', async () => {
    await bench.importRealm(shop);
    await expectRefused(bench, () => bench.importRealm({ realm: { id: 'shop' } }), 409, {
      error: 'REALM_EXISTS',
    });
    await expectRefused(bench, () => bench.importRealm({ realm: { id: 'shop' } }, '?overwrite=false'), 409, {
      error: 'REALM_EXISTS',
    });
  });

  test('with overwrite=true deletes and recreates the realm, users included', async () => {
    await bench.importRealm({
      ...shop,
      users: [user('old', { password: 'pw' })],
      roles: [{ name: 'old-role' }],
    });
    const [before] = await bench.server.query<{ id: string }>(
      'realm',
      `SELECT id FROM realms WHERE name = 'shop'`,
    );
    expect(await bench.importRealm(shop, '?overwrite=true')).toMatchObject({
      status: 200,
      body: { realm: 'shop' },
    });
    expect((await bench.client.get('/admin/realms/shop/export')).body).toEqual(shop);
    const [after] = await bench.server.query<{ id: string }>(
      'realm',
      `SELECT id FROM realms WHERE name = 'shop'`,
    );
    expect(after?.id).not.toBe(before?.id);
    expect(await bench.server.query('user', 'SELECT FROM user_credentials')).toEqual([]);
  });

  test('with overwrite=true creates a realm that is not there', async () => {
    expect((await bench.importRealm(shop, '?overwrite=true')).status).toBe(201);
  });

  test.each(['', '?overwrite=true'])(
    'answers 409 when a client belongs to another realm%s, and changes nothing',
    async (query) => {
      await bench.importRealm({ realm: { id: 'owner' }, clients: [{ clientId: 'shared' }] });
      if (query !== '') await bench.importRealm(shop);
      const clients = [{ clientId: 'mine' }, { clientId: 'shared' }];
      await expectRefused(bench, () => bench.importRealm({ ...shop, clients }, query), 409, {
        error: 'CLIENT_EXISTS',
        conflicts: [{ clientId: 'shared' }],
      });
    },
  );

  test('creates roles that only a mapping names', async () => {
    const answer = await bench.importRealm({
      realm: { id: 'shop' },
      roles: [{ name: 'known' }],
      users: [user('a', { roles: ['known', 'unknown'] }), user('b', { roles: ['unknown', 'unknown'] })],
    });
    expect(answer.body).toMatchObject({ roles: { created: 2, names: ['known', 'unknown'] } });
    const { users } = (await bench.client.get('/admin/realms/shop/users/export')).body as { users: unknown };
    expect(users).toMatchObject([{ roles: ['known', 'unknown'] }, { roles: ['unknown'] }]);
  });

  test('stores passwords and client secrets as BCrypt hashes of the cost asked for', async () => {
    await bench.importRealm({
      realm: { id: 'shop' },
      clients: [
        { clientId: 'given', clientSecret: 'the-secret' },
        { clientId: 'masked', clientSecret: '**********' },
        { clientId: 'none' },
        { clientId: 'public', publicClient: true, clientSecret: 'ignored' },
      ],
      users: [user('with', { password: 'correct horse' }), user('without')],
    });
    expect(await bench.server.checkPassword('shop', 'with', 'correct horse')).toBe(true);
    expect(await bench.server.checkPassword('shop', 'with', 'wrong')).toBe(false);
    expect(await bench.server.checkPassword('shop', 'without', '')).toBe(false);
    expect(await bench.server.checkClientSecret('given', 'the-secret')).toBe(true);
    expect(await bench.server.checkClientSecret('masked', '**********')).toBe(false);
    const rows = await bench.server.query<{ client_id: string; client_secret_hash: string | null }>(
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
    await bench.importRealm({ realm: { id: 'shop', smtpConfig: { host: 'h', password: '**********' } } });
    expect(await bench.server.query('realm', `SELECT smtp_settings FROM realms WHERE name = 'shop'`)).toEqual(
      [{ smtp_settings: '{"host":"h"}' }],
    );
  });

  test('refuses two users with one e-mail', async () => {
    const users = [user('a'), user('b', { email: 'a@example.com' })];
    await expectRefused(bench, () => bench.importRealm({ realm: { id: 'shop' }, users }), 409, {
      error: 'EMAIL_EXISTS',
    });
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
    await expectRefused(bench, () => bench.importRealm(body), 400, {
      error: 'VALIDATION_FAILED',
      fields: fields.map((field) => ({ field, message: expect.any(String) })),
    });
  });

  test('takes what only looks too long: 255 characters beyond the basic plane', async () => {
    const username = '𠮷'.repeat(255);
    const users = [{ username, email: 'long@example.com' }];
    expect((await bench.importRealm({ realm: { id: 'shop' }, users })).status).toBe(201);
  });

  test('lists no more than a hundred findings', async () => {
    const answer = await bench.importRealm({
      realm: { id: 'shop' },
      users: Array.from({ length: 500 }, () => 5),
    });
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
    await expectRefused(bench, () => bench.client.send('POST', '/admin/realms/import', text), 400, { error });
  });

  test('refuses overwrite with another word than true or false', async () => {
    await expectRefused(bench, () => bench.importRealm(shop, '?overwrite=yes'), 400, {
      fields: [{ field: 'overwrite' }],
    });
  });
});
