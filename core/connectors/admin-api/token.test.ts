import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { ApiClient } from './api-client.ts';
import {
  quickSettings,
  SECRET,
  sendJson,
  startScripted,
  TOKEN,
  type Asked,
  type ScriptedServer,
} from './testing/scripted-server.ts';
import { baseUrls, type AdminApiSettings } from './settings.ts';
import { tokenPlaces } from './token-places.ts';
import { basicCredentials } from './token-search.ts';

const signal = new AbortController().signal;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

type Script = (asked: Asked, response: ServerResponse) => void;

async function serving(script: Script): Promise<ScriptedServer> {
  const server = await startScripted(script);
  open.push(server);
  return server;
}

function client(settings: AdminApiSettings): ApiClient {
  const made = new ApiClient(settings, tokenPlaces(baseUrls(settings)));
  open.push(made);
  return made;
}

const REALM_ENDPOINT = '/realms/master/protocol/openid-connect/token';
const issue = (response: ServerResponse, life = 900) =>
  sendJson(response, 200, { access_token: TOKEN, expires_in: life });
const springNotFound = (asked: Asked, response: ServerResponse) =>
  sendJson(response, 404, { timestamp: 't', status: 404, error: 'Not Found', path: asked.path });
const paths = (server: ScriptedServer) => server.asked.map(({ method, path }) => `${method} ${path}`);

/** The auth service of release v1.1.0: Basic only, discovery that names what is not served. */
const released: Script = (asked, response) => {
  if (asked.path === '/oauth2/token') {
    if (asked.authorization === `Basic ${basicCredentials('admin-cli', SECRET)}`) return issue(response);
    return sendJson(response, 401, { error: 'invalid_client' });
  }
  if (asked.path === '/realms/master/.well-known/openid-configuration')
    return sendJson(response, 200, { token_endpoint: `http://localhost:9080${REALM_ENDPOINT}` });
  if (asked.method === 'POST') {
    response.writeHead(302, { location: '/login' });
    return void response.end();
  }
  return springNotFound(asked, response);
};

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const shown = inspect(error, { depth: 20, showHidden: true });
  for (const secret of [SECRET, encodeURIComponent(SECRET), basicCredentials('admin-cli', SECRET)])
    expect(shown).not.toContain(secret);
  return error as AppError;
}

describe('a token', () => {
  it('is asked for where it is documented, and nothing else is asked', async () => {
    const server = await serving((_asked, response) => issue(response));
    const { tokens } = client(quickSettings(server.url));
    expect(await tokens.get(signal)).toBe(TOKEN);
    expect(paths(server)).toEqual([`POST ${REALM_ENDPOINT}`]);
    expect(tokens.way).toEqual({ endpoint: server.url + REALM_ENDPOINT, method: 'client_secret_post' });
    expect(new URLSearchParams(server.asked[0]!.body).has('scope')).toBe(false);
  });

  it('comes from /oauth2/token of release v1.1.0, found after what is not served, and that is remembered', async () => {
    const server = await serving(released);
    const { tokens } = client({ ...quickSettings(server.url), scopes: ['openid', 'admin'] });
    expect(await tokens.get(signal)).toBe(TOKEN);
    expect(paths(server)).toEqual([
      `POST ${REALM_ENDPOINT}`,
      'GET /realms/master/.well-known/openid-configuration',
      'GET /.well-known/openid-configuration',
      'POST /oauth2/token',
    ]);
    expect(new URLSearchParams(server.asked[3]!.body).get('scope')).toBe('openid admin');
    expect(server.asked[3]!.body).not.toContain('secret');
    expect(tokens.tried.map(({ said }) => said).join('\n')).toContain(
      'is not an address of this environment: nothing was sent there',
    );
    server.asked.length = 0;
    tokens.invalidate(TOKEN);
    await tokens.get(signal);
    expect(paths(server)).toEqual(['POST /oauth2/token']);
  });

  it('is asked for first where an earlier connection got one, and looked for where that fails', async () => {
    const server = await serving(released);
    const token = { endpoint: `${server.url}/oauth2/token`, method: 'client_secret_basic' } as const;
    const { tokens } = client({ ...quickSettings(server.url), seen: { token } });
    await tokens.get(signal);
    expect(paths(server)).toEqual(['POST /oauth2/token']);
    for (const wrong of [
      { ...token, method: 'client_secret_post' as const },
      { ...token, endpoint: `${server.url}/gone/token` },
    ]) {
      const other = client({ ...quickSettings(server.url), seen: { token: wrong } }).tokens;
      expect(await other.get(signal)).toBe(TOKEN);
      expect(other.learned).toEqual(token);
    }
  });

  it('is never asked for at an address that is not the environment’s, whatever is remembered', async () => {
    const elsewhere = await serving((_asked, response) => issue(response));
    const server = await serving(released);
    const token = { endpoint: `${elsewhere.url}/oauth2/token`, method: 'client_secret_basic' } as const;
    const { tokens } = client({ ...quickSettings(server.url), seen: { token } });
    await tokens.get(signal);
    expect(elsewhere.asked).toEqual([]);
  });

  it('comes from where a discovery document names an address of the environment', async () => {
    const auth = await serving((asked, response) => {
      if (asked.path === '/.well-known/openid-configuration')
        return sendJson(response, 200, {
          token_endpoint: `${auth.url}/deep/tok`,
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
        });
      return asked.path === '/deep/tok' ? issue(response) : springNotFound(asked, response);
    });
    const { tokens } = client(quickSettings(auth.url));
    await tokens.get(signal);
    expect(tokens.way).toEqual({ endpoint: `${auth.url}/deep/tok`, method: 'client_secret_basic' });
  });

  it('is never asked of another host, whatever a discovery document names', async () => {
    const elsewhere = await serving((_asked, response) => issue(response));
    const auth = await serving((asked, response) =>
      asked.path.includes('.well-known')
        ? sendJson(response, 200, { token_endpoint: `${elsewhere.url}/oauth2/token` })
        : springNotFound(asked, response),
    );
    const error = await failure(client(quickSettings(auth.url)).tokens.get(signal));
    expect(elsewhere.asked).toEqual([]);
    expect(error.message).toContain(`names ${elsewhere.url}/oauth2/token, which is not an address of`);
    for (const { body, authorization, path } of auth.asked)
      if (!path.endsWith('/token')) expect([body, authorization]).toEqual(['', undefined]);
  });

  it('refused to both ways of showing the secret is AUTH_FAILED, in one sentence, and no other place is asked', async () => {
    const server = await serving((_asked, response) => sendJson(response, 401, { error: 'invalid_client' }));
    const error = await failure(client(quickSettings(server.url)).tokens.get(signal));
    expect(error.code).toBe('AUTH_FAILED');
    expect(error.message).toContain('(secret in the form or as HTTP Basic): answered 401, invalid_client');
    expect(server.asked).toHaveLength(2);
  });

  it('refused by a guard that is no token endpoint is looked for elsewhere', async () => {
    const server = await serving((asked, response) => {
      if (asked.path === '/oauth2/token') return issue(response);
      response.writeHead(401).end();
    });
    const { tokens } = client(quickSettings(server.url));
    expect(await tokens.get(signal)).toBe(TOKEN);
  });

  it('refused for its scope says which setting that is', async () => {
    const server = await serving((_asked, response) => sendJson(response, 400, { error: 'invalid_scope' }));
    const error = await failure(client(quickSettings(server.url)).tokens.get(signal));
    expect(error.remedy).toContain('--api-scope');
  });

  it('that no place issues: each is said with what it answered', async () => {
    const server = await serving(springNotFound);
    const error = await failure(client(quickSettings(server.url)).tokens.get(signal));
    expect(error.code).toBe('UNEXPECTED_ANSWER');
    for (const path of [REALM_ENDPOINT, '/.well-known/openid-configuration', '/oauth2/token'])
      expect(error.message).toContain(server.url + path);
    expect(error.remedy).toContain('--auth-url');
  });

  it('is done without where no place issues one and the server answers without', async () => {
    const server = await serving((asked, response) =>
      asked.path === '/admin/realms' ? sendJson(response, 200, []) : springNotFound(asked, response),
    );
    const api = client(quickSettings(server.url));
    expect(await api.tokens.get(signal)).toBeUndefined();
    expect(await api.tokens.lifetime(signal)).toBeUndefined();
    expect(api.tokens.way).toBeUndefined();
    const url = `${server.url}/admin/realms`;
    const purpose = { to: 'look', notChanged: 'Nothing.' };
    expect(await api.json({ method: 'GET', url, purpose, repeatable: true, signal })).toEqual([]);
    expect(server.asked.at(-1)!.authorization).toBeUndefined();
  });

  it('is not done without where the secret was refused or an endpoint is not well', async () => {
    for (const answer of [401, 503]) {
      const server = await serving((asked, response) => {
        if (asked.path === '/admin/realms') return sendJson(response, 200, []);
        return sendJson(response, answer, { error: 'invalid_client' });
      });
      const error = await failure(client(quickSettings(server.url)).tokens.get(signal));
      expect(error.code).toBe(answer === 401 ? 'AUTH_FAILED' : 'SERVER_ERROR');
    }
  });

  it('is waited for like any other answer of a server that has worked, and how often is counted once', async () => {
    let issued = 0;
    let ill = 0;
    const server = await serving((asked, response) => {
      if (!asked.path.endsWith('/token'))
        return asked.authorization === `Bearer tok-${issued}`
          ? sendJson(response, 200, {})
          : sendJson(response, 401, { error: 'invalid_token' });
      if (issued > 0 && ill-- > 0) return sendJson(response, 503, {});
      return sendJson(response, 200, { access_token: `tok-${++issued}`, expires_in: 900 });
    });
    const waits: number[] = [];
    const quick = quickSettings(server.url, waits);
    const api = client({ ...quick, retry: { ...quick.retry, provenAttempts: 10 } });
    let repeated = 0;
    const call = (method: 'GET' | 'POST') =>
      api.json({
        method,
        url: `${server.url}/things`,
        purpose: { to: 'look', notChanged: 'Nothing was changed.' },
        repeatable: method === 'GET',
        signal,
        onRetry: () => repeated++,
      });
    for (let n = 0; n < 16; n++) await call('GET');
    expect([issued, repeated]).toEqual([1, 0]);

    ill = 8;
    api.tokens.invalidate('tok-1');
    await Promise.all([call('GET'), call('POST')]);
    expect([issued, repeated]).toEqual([2, 8]);

    // What could not be sent, since there was no token for it, was not done.
    ill = 100;
    api.tokens.invalidate('tok-2');
    const error = await failure(call('POST'));
    expect(error).toMatchObject({ code: 'SERVER_ERROR', details: { outcome: 'not-sent' } });
    expect(error.message).not.toContain('not known');
    ill = 0;
    await call('GET');
    // One that the server no longer takes: the call is made once more.
    issued++;
    repeated = 0;
    await call('GET');
    expect(repeated).toBe(1);
  });

  it('is not alone in being asked for again by a call that counts nothing: the next one that counts tells of all', async () => {
    let ill = 2;
    const server = await serving((asked, response) => {
      if (asked.path.endsWith('/token')) return issue(response);
      return ill-- > 0 ? sendJson(response, 503, {}) : sendJson(response, 200, {});
    });
    const api = client(quickSettings(server.url));
    let repeated = 0;
    const call = {
      method: 'GET' as const,
      url: `${server.url}/things`,
      purpose: { to: 'look', notChanged: 'Nothing was changed.' },
      repeatable: true,
      signal,
    };
    await api.json(call);
    expect(repeated).toBe(0);
    await api.json({ ...call, onRetry: () => repeated++ });
    await api.json({ ...call, onRetry: () => repeated++ });
    expect(repeated).toBe(2);
  });

  it('is looked for anew when the place that issued it is gone', async () => {
    let moved = false;
    const server = await serving((asked, response) => {
      if (asked.path === (moved ? '/oauth2/token' : REALM_ENDPOINT)) return issue(response);
      return springNotFound(asked, response);
    });
    const { tokens } = client(quickSettings(server.url));
    await tokens.get(signal);
    moved = true;
    tokens.invalidate(TOKEN);
    expect(await tokens.get(signal)).toBe(TOKEN);
    expect(tokens.way).toMatchObject({ endpoint: `${server.url}/oauth2/token` });
  });
});

describe('a call that was canceled before it began', () => {
  it('asks for no token, and leaves nothing behind that fails unheard', async () => {
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', hear);
    try {
      const server = await serving((_asked, response) => response.destroy());
      const api = client(quickSettings(server.url));
      await expect(api.tokens.get(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELED' });
      await api.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(server.asked).toEqual([]);
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});

describe('the places of tokens', () => {
  const places = (authUrl: string) => tokenPlaces(baseUrls({ apiUrl: 'https://api.example', authUrl }));
  const issuer = 'https://auth.example/iam';

  it.each([
    '',
    '/',
    '/realms/master',
    '/.well-known/openid-configuration',
    '/realms/master/.well-known/openid-configuration',
  ])('“…%s” means the same', (tail) => {
    expect(places(issuer + tail)).toEqual(places(issuer));
    expect(places(issuer).configured).toBe(`${issuer}${REALM_ENDPOINT}`);
    expect(places(issuer).lastly).toEqual([`${issuer}/oauth2/token`]);
  });

  it('a whole endpoint is tried first, and one of a shape of its own alone', () => {
    expect(places(`${issuer}/oauth2/token`)).toMatchObject({
      configured: `${issuer}/oauth2/token`,
      discoveries: [
        `${issuer}/realms/master/.well-known/openid-configuration`,
        `${issuer}/.well-known/openid-configuration`,
      ],
    });
    expect(places('https://auth.example/my/token')).toMatchObject({
      configured: 'https://auth.example/my/token',
      discoveries: [],
      lastly: [],
    });
  });
});
