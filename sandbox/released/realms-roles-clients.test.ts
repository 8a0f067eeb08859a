import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../index.ts';
import { call } from '../testing/call.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let admin: string;
let api: string;

const NOBODY = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  sandbox = await startSandbox({ dialect: 'v1.1', seed: false, bcryptCost: 4, environments: ['one'] });
  server = sandbox.environment('one');
  admin = `${server.apiUrl}/admin/realms`;
  api = `${server.gatewayUrl}/api/realms`;
});

afterAll(() => sandbox.stop());

const bare500 = { status: 500, body: { error: 'Internal Server Error' } };

describe('a realm', () => {
  test('is created with what is not said left out or as it is by default', async () => {
    const realm = await call('POST', admin, { name: 'plain', enabled: false, passwordPolicy: '{}' });
    const expected = {
      name: 'plain',
      displayName: null,
      // Not the column's default.
      loginTheme: null,
      tokenLifespanSeconds: 300,
      refreshTokenLifespanSeconds: 2_592_000,
      mfaRequired: false,
      enabled: true,
    };
    expect(realm).toMatchObject({ status: 200, body: expected });
    const read = await call('GET', `${admin}/plain`);
    expect(read.body).toMatchObject(expected);
    expect(read.body).not.toHaveProperty('passwordPolicy');
    expect(read.body).not.toHaveProperty('smtpSettings');
  });

  test.each([
    ['that exists', { name: 'master' }, 500, 'Internal Server Error'],
    ['without a name', { displayName: 'x' }, 400, 'Bad Request'],
    ['with capitals', { name: 'Acme' }, 400, 'Bad Request'],
    ['with a number that is none', { name: 'x', tokenLifespanSeconds: 'soon' }, 400, 'Bad Request'],
    ['with a theme too long', { name: 'x', loginTheme: 'x'.repeat(101) }, 500, 'Internal Server Error'],
  ])(
    '%s is refused by its service, and a bare 500 behind the Admin API',
    async (_what, body, status, error) => {
      const direct = await call('POST', `${server.services?.realm}/realms`, body);
      expect(direct).toMatchObject({ status, body: { error } });
      expect(await call('POST', admin, body)).toMatchObject(bare500);
    },
  );

  test('is changed in what is not null; its name has to be sent and is not looked at', async () => {
    await call('POST', admin, { name: 'changed', displayName: 'Before', mfaRequired: true });
    const before = (await call('GET', `${admin}/changed`)).body as { updatedAt: string };
    expect(await call('PUT', `${admin}/changed`, { displayName: 'x' })).toMatchObject(bare500);
    const put = await call('PUT', `${admin}/changed`, {
      name: 'another',
      displayName: null,
      loginTheme: 'dark',
      tokenLifespanSeconds: '60',
      enabled: false,
    });
    const after = {
      name: 'changed',
      displayName: 'Before',
      loginTheme: 'dark',
      tokenLifespanSeconds: 60,
      mfaRequired: true,
      enabled: true,
    };
    expect(put).toMatchObject({ status: 200, body: { ...after, updatedAt: before.updatedAt } });
    const read = (await call('GET', `${admin}/changed`)).body as { updatedAt: string };
    expect(read).toMatchObject(after);
    expect(read.updatedAt > before.updatedAt).toBe(true);
    expect(await call('PUT', `${admin}/nowhere`, { name: 'nowhere' })).toMatchObject(bare500);
  });

  test('that is deleted leaves everything else behind, and one of its name inherits it', async () => {
    await call('POST', admin, { name: 'gone' });
    const user = await call('POST', `${admin}/gone/users`, { username: 'u', email: 'u@x' });
    const { id } = user.body as { id: string };
    const role = (await call('POST', `${api}/gone/roles`, { name: 'r' })).body as { id: string };
    await call('POST', `${api}/gone/users/${id}/role-mappings?roleId=${role.id}`);
    await call('POST', `${admin}/gone/clients`, { name: 'c' });
    expect(await call('DELETE', `${admin}/gone`)).toMatchObject({ status: 200, body: undefined });
    expect(await call('GET', `${admin}/gone`)).toMatchObject(bare500);
    expect(await call('DELETE', `${admin}/gone`)).toMatchObject(bare500);
    await call('POST', admin, { name: 'gone' });
    expect((await call('GET', `${admin}/gone/users`)).body).toMatchObject({ content: [{ id }] });
    expect((await call('GET', `${api}/gone/roles`)).body).toMatchObject([{ id: role.id }]);
    expect((await call('GET', `${api}/gone/users/${id}/role-mappings`)).body).toEqual([role.id]);
    expect((await call('GET', `${api}/gone/clients`)).body).toMatchObject([{ name: 'c' }]);
  });
});

describe('a role', () => {
  test('is created once', async () => {
    const role = { name: 'auditor', description: 'Reads', composite: true };
    const created = await call('POST', `${api}/roles-test/roles`, { ...role, id: NOBODY });
    expect(created).toMatchObject({ status: 201, body: { realmName: 'roles-test', ...role } });
    expect(created.body).not.toMatchObject({ id: NOBODY });
    expect(await call('POST', `${api}/roles-test/roles`, role)).toMatchObject(bare500);
    expect((await call('POST', `${api}/roles-test/roles`, { name: ' ' })).status).toBe(400);
    expect((await call('GET', `${api}/roles-test/roles`)).body).toHaveLength(1);
  });

  test.each(['PUT', 'DELETE'])('knows no %s', async (method) => {
    expect((await call(method, `${api}/x/roles`, {})).status).toBe(405);
    expect((await call(method, `${api}/x/roles/auditor`, {})).status).toBe(404);
  });
});

describe('a role mapping', () => {
  const mappings = (realm: string, query = ''): string =>
    `${api}/${realm}/users/${NOBODY}/role-mappings${query}`;
  const roleOf = async (realm: string): Promise<string> =>
    ((await call('POST', `${api}/${realm}/roles`, { name: 'r' })).body as { id: string }).id;

  test('is kept for users that do not exist and for roles of other realms', async () => {
    const id = await roleOf('maps-one');
    expect(await call('POST', mappings('maps-two', `?roleId=${id}`))).toMatchObject({
      status: 204,
      body: undefined,
    });
    expect((await call('GET', mappings('maps-two'))).body).toEqual([id]);
    expect((await call('GET', mappings('maps-one'))).body).toEqual([]);
  });

  test('a second time is a bare 500, and leaves the first', async () => {
    const id = await roleOf('maps-twice');
    await call('POST', mappings('maps-twice', `?roleId=${id}`));
    expect(await call('POST', mappings('maps-twice', `?roleId=${id}`))).toMatchObject(bare500);
    expect((await call('GET', mappings('maps-twice'))).body).toEqual([id]);
  });

  test.each([
    [`?roleId=${NOBODY}`, 500, 'Internal Server Error'],
    ['?roleId=r', 400, 'Bad Request'],
    ['', 400, 'Bad Request'],
  ])('to “%s” is refused with %i', async (query, status, error) => {
    expect(await call('POST', mappings('x', query))).toMatchObject({ status, body: { error } });
  });

  test('cannot be taken away', async () => {
    expect((await call('DELETE', mappings('x', `?roleId=${NOBODY}`))).status).toBe(405);
  });
});

describe('a client', () => {
  test('gets an id and a secret of the server’s own', async () => {
    const created = await call('POST', `${admin}/clients-test/clients`, {
      clientId: 'mine',
      clientSecret: 'mine',
      name: 'Web',
      redirectUris: ['https://a'],
      webOrigins: ['https://b'],
    });
    expect(created.status).toBe(200);
    const { clientId, clientSecret } = created.body as Record<string, string>;
    expect(created.body).toEqual({ clientId, clientSecret });
    expect(clientId).toMatch(/^client-[0-9a-f]{8}$/);
    expect(await server.checkClientSecret(clientId ?? '', clientSecret ?? '')).toBe(true);
    const [listed] = (await call('GET', `${admin}/clients-test/clients`)).body as Record<string, unknown>[];
    expect(listed).toEqual({
      id: expect.any(String),
      realmName: 'clients-test',
      clientId,
      name: 'Web',
      description: null,
      publicClient: false,
      pkceRequired: false,
      enabled: true,
      redirectUris: ['https://a'],
      grantTypes: ['authorization_code'],
      scopes: ['openid', 'profile'],
      createdAt: expect.any(String),
    });
    const [row] = await server.query('client', 'SELECT web_origins FROM oauth_clients WHERE client_id = $1', [
      clientId,
    ]);
    expect(row).toEqual({ web_origins: ['https://b'] });
    // Under any realm, and by its UUID only.
    expect((await call('GET', `${admin}/elsewhere/clients/${String(listed?.['id'])}`)).body).toEqual(listed);
    expect(await call('GET', `${admin}/clients-test/clients/${clientId}`)).toMatchObject(bare500);
  });

  test('that is public has no secret until one is asked for', async () => {
    const made = await call('POST', `${api}/public/clients`, { name: 'App', publicClient: true });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({ clientId: expect.any(String) });
    const [listed] = (await call('GET', `${api}/public/clients`)).body as Record<string, string>[];
    const path = `${admin}/public/clients/${listed?.['id']}/secret/regenerate`;
    const { clientSecret } = (await call('POST', path)).body as Record<string, string>;
    expect(await server.checkClientSecret(listed?.['clientId'] ?? '', clientSecret ?? '')).toBe(true);
    expect(await call('POST', `${admin}/public/clients/${NOBODY}/secret/regenerate`)).toMatchObject(bare500);
  });

  test('cannot be changed or deleted', async () => {
    for (const method of ['PUT', 'DELETE'])
      expect((await call(method, `${api}/x/clients/${NOBODY}`, {})).status).toBe(405);
  });

  test('needs a name', async () => {
    expect((await call('POST', `${api}/x/clients`, { redirectUris: [] })).status).toBe(400);
    expect((await call('POST', `${api}/x/clients`, { name: 'x', redirectUris: 'y' })).status).toBe(400);
  });
});
