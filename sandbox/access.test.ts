import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from './index.ts';
import { AdminClient } from './testing/admin-client.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['one', 'other'], tokenLifetimeSeconds: 1 });
  server = sandbox.environment('one');
});

afterAll(() => sandbox.stop());

function requestToken(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.authUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
}

const call = (token: string, path = '/api/realms'): Promise<Response> =>
  fetch(server.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });

describe('the token endpoint', () => {
  test('issues a bearer token for the secret in the form, with its lifetime', async () => {
    const answer = await requestToken({
      grant_type: 'client_credentials',
      client_id: server.clientId,
      client_secret: server.clientSecret,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const body = (await answer.json()) as { access_token: string };
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 1 });
    expect((await call(body.access_token)).status).toBe(200);
  });

  test('takes basic authentication too, and any realm in the path', async () => {
    const basic = Buffer.from(`${server.clientId}:${server.clientSecret}`).toString('base64');
    const answer = await fetch(`${server.authUrl}/realms/whatever/protocol/openid-connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(answer.status).toBe(200);
  });

  test.each([
    ['a wrong secret', { client_id: 'admin-cli', client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown client', { client_id: 'nobody', client_secret: 'wrong' }, 401, 'invalid_client'],
    ['no client', {}, 401, 'invalid_client'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %s', async (_what, form, status, error) => {
    const answer = await requestToken({ grant_type: 'client_credentials', ...form });
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error });
    expect(text).not.toContain('wrong');
  });

  test('refuses a form without grant_type, one too large, and another content type', async () => {
    expect((await requestToken({})).status).toBe(400);
    expect((await requestToken({ grant_type: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await requestToken({}, { 'content-type': 'application/json' })).status).toBe(415);
  });
});

describe('the bearer token', () => {
  const paths = ['/api/realms', '/api/realms/master', '/admin/realms/master/export'];

  test.each(paths)('is required for %s', async (path) => {
    const answer = await fetch(server.apiUrl + path);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await answer.json()).toMatchObject({ error: 'UNAUTHORIZED' });
  });

  test.each([
    ['is no token at all', () => 'nonsense'],
    ['was tampered with', () => server.issueToken().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['comes from another server', () => sandbox.environment('other').issueToken()],
  ])('is refused when it %s', async (_what, make) => {
    const answer = await call(make());
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
  });

  test('expires', async () => {
    const token = server.issueToken();
    expect((await call(token)).status).toBe(200);
    await sleep(1_100);
    expect((await call(token)).status).toBe(401);
  });

  test('can be revoked, and the next one works', async () => {
    const token = server.issueToken();
    server.revokeTokens();
    expect((await call(token)).status).toBe(401);
    expect((await call(server.issueToken())).status).toBe(200);
  });

  test('of a client without the right to administer is refused with 403', async () => {
    const { clientId, clientSecret } = server.limitedClient;
    const answer = await requestToken({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const refused = await call(token, '/admin/realms/master/export');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: 'ACCESS_DENIED' });
  });
});

describe('paths and methods', () => {
  test('that do not exist get 404 and 405 in JSON', async () => {
    const client = new AdminClient(server);
    expect(await client.get('/nowhere')).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
    const answer = await client.delete('/admin/realms/import');
    expect(answer).toMatchObject({ status: 405, body: { error: 'METHOD_NOT_ALLOWED' } });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test('HEAD answers as GET does, without a body', async () => {
    const answer = await fetch(`${server.apiUrl}/api/realms`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${server.issueToken()}` },
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  test.each(['/api/realms/%00', '/api/realms/%zz', '/admin/realms/a%00b/export'])(
    'with bad encoding are refused: %s',
    async (path) => {
      expect((await new AdminClient(server).get(path)).status).toBe(400);
    },
  );

  test("quotes in a realm's name reach no SQL", async () => {
    const path = `/admin/realms/${encodeURIComponent(`x' OR '1'='1`)}/users/export`;
    expect((await new AdminClient(server).get(path)).status).toBe(404);
  });
});
