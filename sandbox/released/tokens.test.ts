import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../index.ts';
import { call } from '../testing/call.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;

beforeAll(async () => {
  sandbox = await startSandbox({ dialect: 'v1.1', seed: false, environments: ['one'] });
  server = sandbox.environment('one');
});

afterAll(() => sandbox.stop());

const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const sample = basic('sample-app', 'sample-secret');

function ask(form: Record<string, string>, headers: Record<string, string> = {}) {
  return call('POST', `${server.authUrl}/oauth2/token`, new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  });
}

async function isSignedByServer(token: string): Promise<boolean> {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const { keys } = (await call('GET', `${server.gatewayUrl}/oauth2/jwks`)).body as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
  return verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

const claimsOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('a token', () => {
  test('is given to the sample application for fifteen minutes', async () => {
    const { status, body } = await ask({ grant_type: 'client_credentials' }, sample);
    const token = (body as { access_token: string }).access_token;
    expect({ status, body }).toEqual({
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: 899 },
    });
    const claims = claimsOf(token) as { iat: number; exp: number };
    expect(claims).toMatchObject({
      sub: 'sample-app',
      aud: 'sample-app',
      iss: server.authUrl,
      realm: 'master',
      roles: ['admin', 'user'],
      realm_access: { roles: ['admin', 'user'] },
      preferred_username: 'sample-app',
    });
    expect(claims).not.toHaveProperty('scope');
    expect(claims.exp - claims.iat).toBe(900);
    expect(await isSignedByServer(token)).toBe(true);
  });

  test('has the scopes that were asked for, of those the client has', async () => {
    const grant = { grant_type: 'client_credentials' };
    const { body } = await ask({ ...grant, scope: 'openid profile' }, sample);
    expect(body).toMatchObject({ scope: 'openid profile' });
    expect(claimsOf((body as { access_token: string }).access_token)).toMatchObject({
      scope: ['openid', 'profile'],
    });
    expect(await ask({ ...grant, scope: 'admin' }, sample)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  test('is signed with another key after a new start', async () => {
    const token = server.issueToken();
    expect(await isSignedByServer(token)).toBe(true);
    server.revokeTokens();
    expect(await isSignedByServer(token)).toBe(false);
  });

  test.each([
    ['a secret in the form', { client_id: 'sample-app', client_secret: 'sample-secret' }, {}],
    ['a wrong secret', {}, basic('sample-app', 'wrong')],
    ['an unknown client', {}, basic('nobody', 'wrong')],
    ['the console', {}, basic('opengate-console', 'x')],
  ])('is refused to %s, without a reason', async (_what, form, headers) => {
    const answer = await ask({ grant_type: 'client_credentials', ...form }, headers);
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(answer.body).toEqual({ error: 'invalid_client' });
  });

  test.each([
    ['no grant', {}, 'invalid_request'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('is refused for %s', async (_what, form, error) => {
    expect(await ask(form, sample)).toMatchObject({ status: 400, body: { error } });
  });

  test('is refused for credentials that are none', async () => {
    const answer = await ask({ grant_type: 'client_credentials' }, { authorization: 'Basic eA==' });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('what is not served by the auth service ends at a login page', () => {
  test.each([
    ['POST', '/realms/master/protocol/openid-connect/token'],
    ['GET', '/realms/master/protocol/openid-connect/certs'],
    ['POST', '/oauth2/token'],
    ['GET', '/nowhere'],
  ])('%s %s', async (method, path) => {
    const answer = await call(method, server.authUrl + path);
    expect(answer.status).toBe(302);
    const location = answer.headers.get('location') ?? '';
    // A session is begun for whoever comes without one, and stands in the address.
    expect(location.replace(/;jsessionid=[0-9A-F]{32}$/, '')).toBe(`${server.authUrl}/login`);
    expect(answer.headers.get('set-cookie')).toContain(location.split('=')[1]);
    const page = await call('GET', `${server.authUrl}/login`);
    expect(page.headers.get('content-type')).toContain('text/html');
  });
});

describe('discovery', () => {
  test('of a realm names a token endpoint under the gateway that nobody serves', async () => {
    for (const base of [server.authUrl, server.gatewayUrl]) {
      const { body } = await call('GET', `${base}/realms/any/.well-known/openid-configuration`);
      const { token_endpoint: endpoint } = body as { token_endpoint: string };
      expect(endpoint).toBe(`${server.gatewayUrl}/realms/any/protocol/openid-connect/token`);
      expect((await call('POST', endpoint)).status).toBe(302);
    }
  });

  test('of the server names the one that is served', async () => {
    const { body } = await call('GET', `${server.authUrl}/.well-known/openid-configuration`);
    expect(body).toMatchObject({
      issuer: server.authUrl,
      token_endpoint: `${server.authUrl}/oauth2/token`,
      jwks_uri: `${server.authUrl}/oauth2/jwks`,
    });
  });
});
