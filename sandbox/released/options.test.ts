import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startSandbox,
  type EnvironmentHandle,
  type Fault,
  type FaultRequest,
  type Sandbox,
} from '../index.ts';
import { call } from '../testing/call.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let fault: Fault | undefined;
const seen: FaultRequest[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    dialect: 'v1.1',
    environments: [{ name: 'one', seed: 'dev' }],
    users: 100,
    bcryptCost: 4,
    tokenLifetimeSeconds: 2,
    released: { refusals: 'coded', userOrder: 'random', advertisedUrl: 'http://localhost:9080' },
    onRequest(request) {
      seen.push(request);
      return fault;
    },
  });
  server = sandbox.environment('one');
});

afterAll(() => sandbox.stop());

describe('faults', () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const places = (): [string, string][] => [
    ['gateway', `${server.gatewayUrl}/api/users?realm=acme`],
    ['admin-api', `${server.apiUrl}/admin/realms`],
    ['auth-service', `${server.authUrl}/oauth2/jwks`],
    ['user-service', `${server.services?.user}/users?realm=acme`],
    ['realm-service', `${server.services?.realm}/realms`],
    ['rbac-service', `${server.services?.rbac}/realms/acme/users/${nobody}/role-mappings`],
    ['client-service', `${server.services?.client}/realms/acme/clients`],
  ];

  test('reach every server, which is asked once a call', async () => {
    for (const [name, url] of places()) {
      seen.length = 0;
      fault = { kind: 'answer', status: 503, headers: { 'retry-after': '1' } };
      const answer = await call('GET', url);
      fault = undefined;
      expect(answer.status).toBe(503);
      expect(seen.map((request) => request.server)).toEqual([name]);
      expect(seen[0]).toMatchObject({ environment: 'one', method: 'GET', path: new URL(url).pathname });
      expect((await call('GET', url)).status).toBe(200);
    }
  });

  test.each([{ kind: 'refuse' }, { kind: 'loseAnswer' }] as const)(
    '$kind: the client finds the connection closed',
    async (one) => {
      const name = `fault-${one.kind.toLowerCase()}`;
      fault = one;
      const attempt = call('POST', `${server.apiUrl}/admin/realms`, { name });
      await expect(attempt).rejects.toThrow('fetch failed');
      fault = undefined;
      const done = await server.query('realm', 'SELECT name FROM realms WHERE name = $1', [name]);
      expect(done).toHaveLength(one.kind === 'loseAnswer' ? 1 : 0);
    },
  );

  test('a body that ends early is no JSON', async () => {
    fault = { kind: 'truncateAfter', bytes: 20 };
    const attempt = call('GET', `${server.gatewayUrl}/api/users?realm=acme`);
    await expect(attempt).rejects.toThrow(SyntaxError);
    fault = undefined;
  });
});

test('services that load the exception handler say what they refuse; the Admin API hides it all the same', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const taken = await call('GET', `${server.gatewayUrl}/api/users?realm=acme&search=alice`);
  const email = (taken.body as { content: { username: string; email: string }[] }).content.find(
    ({ username }) => username === 'alice',
  )?.email;
  for (const [method, url, body, status, error] of [
    [
      'POST',
      `${server.gatewayUrl}/api/users?realm=acme`,
      { username: 'alice', email: 'x@x' },
      400,
      'USER_EXISTS',
    ],
    ['POST', `${server.gatewayUrl}/api/users?realm=acme`, { username: 'x', email }, 400, 'EMAIL_EXISTS'],
    ['GET', `${server.gatewayUrl}/api/users/${nobody}`, undefined, 404, 'RESOURCE_NOT_FOUND'],
    ['GET', `${server.services?.realm}/realms/nowhere`, undefined, 404, 'RESOURCE_NOT_FOUND'],
    ['POST', `${server.services?.realm}/realms`, { name: 'acme' }, 400, 'REALM_EXISTS'],
    ['GET', `${server.apiUrl}/admin/realms/nowhere`, undefined, 500, 'Internal Server Error'],
  ] as const)
    expect(await call(method, url, body)).toMatchObject({ status, body: { error } });
  expect(await call('POST', `${server.services?.realm}/realms`, {})).toMatchObject({
    status: 400,
    body: { error: 'Bad Request' },
  });
});

test('users in random order: pages of one reading are no reading', async () => {
  const found = new Set<string>();
  for (let page = 0; page < 10; page++) {
    const { body } = await call('GET', `${server.gatewayUrl}/api/users?realm=acme&size=10&page=${page}`);
    for (const { id } of (body as { content: { id: string }[] }).content) found.add(id);
  }
  expect(found.size).toBeLessThan(95);
  const whole = await call('GET', `${server.gatewayUrl}/api/users?realm=acme&size=100`);
  const ids = (whole.body as { content: { id: string }[] }).content.map((user) => user.id);
  expect(new Set(ids).size).toBe(100);
});

test('the built-in address of the realms’ discovery, and the life of tokens', async () => {
  const { body } = await call('GET', `${server.authUrl}/realms/master/.well-known/openid-configuration`);
  expect(body).toMatchObject({ issuer: 'http://localhost:9080/realms/master' });
  const claims = JSON.parse(Buffer.from(server.issueToken().split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
    iat: number;
  };
  expect(claims.exp - claims.iat).toBe(2);
});
