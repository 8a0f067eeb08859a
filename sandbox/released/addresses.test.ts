import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../index.ts';
import { call } from '../testing/call.ts';
import { freePorts } from '../testing/free-ports.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let port: number;

const NOBODY = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  port = await freePorts(22);
  sandbox = await startSandbox({ dialect: 'v1.1', users: 1_500, bcryptCost: 4, port });
  server = sandbox.environment('dev');
});

afterAll(() => sandbox.stop());

const bare = (status: number, error: string, path: string): object => ({
  status,
  body: {
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
    status,
    error,
    path,
  },
});

test('every server has a port of its own, in the release’s order', () => {
  const at = (offset: number): string => `http://127.0.0.1:${port + offset}`;
  expect(sandbox.environments).toEqual([
    {
      name: 'dev',
      dialect: 'v1.1',
      apiUrl: at(9),
      authUrl: at(1),
      gatewayUrl: at(0),
      services: { user: at(2), realm: at(3), rbac: at(4), client: at(5) },
      clientId: 'sample-app',
      clientSecret: 'sample-secret',
      pgUrl: expect.stringContaining(`@127.0.0.1:${port + 20}/`),
      databases: server.databases,
      realms: ['acme', 'field-ops', 'master', 'partner-portal'],
    },
    expect.objectContaining({ name: 'prod', gatewayUrl: at(10), apiUrl: at(19) }),
  ]);
  expect(sandbox.environment('prod').pgUrl).toContain(`:${port + 21}/`);
});

describe('the gateway', () => {
  test.each([
    '/api/users?realm=acme',
    '/api/realms/acme/roles',
    '/api/realms/acme/clients',
    `/api/realms/acme/users/${NOBODY}/role-mappings`,
    '/admin/realms',
    '/admin/realms/acme',
    '/admin/realms/acme/users',
    '/realms/acme/.well-known/openid-configuration',
    '/oauth2/jwks',
    '/actuator/health',
  ])('passes on %s', async (path) => {
    expect((await call('GET', server.gatewayUrl + path)).status).toBe(200);
  });

  test.each([
    '/api/realms',
    '/api/realms/acme',
    '/api/realms/acme/users',
    '/oauth2/token',
    '/.well-known/openid-configuration',
    '/',
  ])('knows no %s', async (path) => {
    const answer = await call('GET', server.gatewayUrl + path);
    expect(answer).toMatchObject({ status: 404, body: { status: 404, error: 'Not Found', path } });
    expect(answer.body).toHaveProperty('requestId');
  });

  test.each(['/api/sessions', '/api/mfa/totp'])('finds nobody behind %s', async (path) => {
    expect(await call('GET', server.gatewayUrl + path)).toMatchObject({ status: 500, body: { path } });
  });

  test('passes on a refusal as the service has it, bare and under the service’s path', async () => {
    const path = `/users/${NOBODY}`;
    expect(await call('GET', `${server.gatewayUrl}/api${path}`)).toMatchObject(
      bare(500, 'Internal Server Error', path),
    );
    for (const base of [server.apiUrl, server.gatewayUrl]) {
      const path = `/admin/realms/acme/users/${NOBODY}`;
      expect(await call('GET', base + path)).toMatchObject(bare(500, 'Internal Server Error', path));
    }
  });

  test('has no limit to what it passes on', async () => {
    const answer = await call('GET', `${server.gatewayUrl}/api/users?realm=acme&size=1500`);
    expect(JSON.stringify(answer.body).length).toBeGreaterThan(256 * 1024);
    expect(answer).toMatchObject({ status: 200, body: { totalElements: 1_500, totalPages: 1 } });
  });
});

describe('the services, called directly', () => {
  test('have the paths without the gateway’s prefix, and the realm service is there', async () => {
    const { user, realm, rbac, client } = server.services ?? expect.unreachable();
    for (const url of [
      `${user}/users?realm=acme`,
      `${realm}/realms`,
      `${realm}/realms/acme`,
      `${rbac}/realms/acme/roles`,
      `${client}/realms/acme/clients`,
    ])
      expect((await call('GET', url)).status).toBe(200);
    expect((await call('GET', `${user}/api/users?realm=acme`)).status).toBe(404);
    expect((await call('GET', `${user}/realms/acme/roles`)).status).toBe(404);
  });
});

describe('the Admin API', () => {
  test('lists realms as an array', async () => {
    const { body } = await call('GET', `${server.apiUrl}/admin/realms`);
    expect((body as { name: string }[]).map((realm) => realm.name).toSorted()).toEqual(server.realms);
  });

  test('asks for no token, and minds none that is wrong', async () => {
    const headers = { authorization: 'Bearer nonsense' };
    expect((await call('GET', `${server.apiUrl}/admin/realms`, undefined, headers)).status).toBe(200);
  });

  test('cannot pass on more than 256 KB', async () => {
    const path = '/admin/realms/acme/users';
    const users = (size: number) => call('GET', `${server.apiUrl}${path}?size=${size}`);
    expect((await users(700)).status).toBe(200);
    expect(await users(1_500)).toMatchObject(bare(500, 'Internal Server Error', path));
  });

  test('makes a plus sign in what is searched for a space, and an error of braces', async () => {
    await server.query('user', `UPDATE users SET first_name = 'Plus One' WHERE username = 'alice'`);
    const found = (base: string, search: string) => call('GET', `${base}search=${search}`);
    const admin = `${server.apiUrl}/admin/realms/acme/users?`;
    const direct = `${server.gatewayUrl}/api/users?realm=acme&`;
    expect(await found(admin, 's%2Bo')).toMatchObject({ body: { totalElements: 1 } });
    expect(await found(direct, 's%2Bo')).toMatchObject({ body: { totalElements: 0 } });
    expect((await found(admin, '%7Bx%7D')).status).toBe(500);
  });

  test('has the same numbers for every realm', async () => {
    expect(await call('GET', `${server.apiUrl}/admin/realms/nowhere/stats`)).toMatchObject({
      status: 200,
      body: { realm: 'nowhere', totalUsers: 1284 },
    });
  });

  test.each(['/admin/realms/acme/roles', '/admin/realms/acme/export', '/admin/realms/import', '/nowhere'])(
    'has nothing at %s',
    async (path) => {
      // One realm may be called "import".
      const error = path.endsWith('import') ? 500 : 404;
      expect((await call('GET', server.apiUrl + path)).status).toBe(error);
    },
  );

  test('says which methods there are', async () => {
    const answer = await call('DELETE', `${server.apiUrl}/admin/realms/acme/clients`);
    expect(answer).toMatchObject(bare(405, 'Method Not Allowed', '/admin/realms/acme/clients'));
    expect(answer.headers.get('allow')).toBe('GET, POST');
  });

  test.each([
    ['no JSON', '{"name":', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['null', 'null', 'application/json', 400],
    ['another type', '{"name":"x"}', 'text/plain', 415],
    // The service refuses the array: its 400 is a 500 here.
    ['an array', '[]', 'application/json', 500],
  ])('answers a body of %s itself', async (_what, body, type, status) => {
    const answer = await call('POST', `${server.apiUrl}/admin/realms`, body, { 'content-type': type });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, path: '/admin/realms' });
  });

  test.each(['/admin/realms/a%25b', '/admin/realms/a%2eb', '/admin/realms/a;b', '/admin//realms'])(
    'lets its firewall reject %s',
    async (path) => {
      expect(await call('GET', server.apiUrl + path)).toMatchObject(bare(400, 'Bad Request', path));
    },
  );

  test.each([
    '/admin/realms/a%2Fb',
    '/admin/realms/a%5cb',
    '/admin/realms/a%00b',
    '/admin/realms/%zz',
    '/x/%e2%82',
  ])('sees nothing of %s, which Tomcat answers with a web page', async (path) => {
    const answer = await fetch(server.apiUrl + path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('text/html;charset=utf-8');
    expect(await answer.text()).toContain('<title>HTTP Status 400');
  });

  test('closes the connection after a failure, as Tomcat does; the gateway keeps it', async () => {
    const path = `/admin/realms/acme/users/${NOBODY}`;
    const connectionOf = async (url: string) => (await call('GET', url)).headers.get('connection');
    expect(await connectionOf(server.apiUrl + path)).toBe('close');
    expect(await connectionOf(`${server.apiUrl}/admin/realms`)).toBe('keep-alive');
    expect(await connectionOf(server.gatewayUrl + path)).toBe('keep-alive');
  });
});
