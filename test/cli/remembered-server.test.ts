import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import type { EnvironmentView } from '../../contract/environment.ts';
import {
  sendJson,
  startScripted,
  TOKEN,
  type ScriptedServer,
} from '../../core/connectors/admin-api/testing/scripted-server.ts';
import { captured } from './captured.ts';

/** What stands at the address: it is exchanged under the feet of what is remembered. */
let release: 'v1.1' | 'documented' | 'both' = 'v1.1';
let tokenPath = '/oauth2/token';
let server: ScriptedServer;
const root = mkdtempSync(join(tmpdir(), 'drawbridge-remembered-'));

beforeAll(async () => {
  server = await startScripted(({ method, path }, response) => {
    const { pathname } = new URL(path, 'http://x');
    if (method === 'POST' && pathname === tokenPath)
      return sendJson(response, 200, { access_token: TOKEN, expires_in: 300 });
    const answer = method === 'GET' ? answers()[pathname] : undefined;
    return sendJson(response, answer === undefined ? 404 : 200, answer ?? { status: 404 });
  });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

const RELEASED = {
  '/admin/realms': [{ name: 'acme' }],
  '/admin/realms/acme': { name: 'acme' },
  '/admin/realms/acme/users': { content: [], totalElements: 0 },
  '/admin/realms/acme/clients': [],
};
const DOCUMENTED = {
  '/api/realms': { content: [{ name: 'acme' }], totalElements: 1, totalPages: 1 },
  '/admin/realms/acme/export': { realm: { id: 'acme' }, users: [] },
};

function answers(): Record<string, unknown> {
  return {
    ...(release !== 'documented' && RELEASED),
    ...(release !== 'v1.1' && DOCUMENTED),
  };
}

/** As a process of its own: nothing but the catalog lasts from one to the next. */
async function run(...words: string[]) {
  server.asked.length = 0;
  const around = captured({
    DRAWBRIDGE_CATALOG: join(root, 'catalog'),
    DRAWBRIDGE_PASSPHRASE: 'p',
    SECRET: 's',
  });
  const code = await runCommandLine([...words, '--json'], around);
  const asked = server.asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  return { code, asked, json: JSON.parse(around.out()) as Record<string, unknown> };
}

async function seen(): Promise<EnvironmentView['lastSeen']> {
  return ((await run('env', 'show', 'real')).json['environment'] as EnvironmentView).lastSeen;
}

beforeEach(async () => {
  release = 'v1.1';
  tokenPath = '/oauth2/token';
  await run('env', 'remove', 'real');
  const added = await run(
    ...'env add real --client-id c --client-secret-env SECRET --no-test --api-url'.split(' '),
    server.url,
  );
  if (added.code !== 0) throw new Error(JSON.stringify(added.json));
});

const TOKEN_SEARCH = 4;

test('what one process found, the next begins with; and both are shown it', async () => {
  expect(await seen()).toBeUndefined();
  const first = await run('backup', 'real', 'acme');
  expect(first.code).toBe(0);
  expect(await seen()).toEqual({
    at: expect.any(String) as string,
    api: { dialect: 'v1.1', apiUrl: server.url },
    token: { endpoint: `${server.url}/oauth2/token`, method: 'client_secret_basic' },
  });

  const second = await run('backup', 'real', 'acme');
  expect(second.code).toBe(0);
  expect(second.asked.length).toBeLessThanOrEqual(first.asked.length - TOKEN_SEARCH);
  expect(second.asked.slice(0, 3)).toEqual([
    'POST /oauth2/token',
    // What is remembered is not believed: this server may have learned to export.
    'GET /admin/realms/acme/export',
    'GET /admin/realms/acme',
  ]);
  const listed = await run('realms', 'real');
  expect(new Set(listed.asked)).toEqual(new Set(['POST /oauth2/token', 'GET /admin/realms']));
});

test.each(['documented', 'both'] as const)(
  'a server exchanged for another release (%s) is found out, and remembered as that',
  async (other) => {
    await run('backup', 'real', 'acme');
    release = other;
    tokenPath = '/realms/master/protocol/openid-connect/token';
    const backup = await run('backup', 'real', 'acme');
    expect(backup.code).toBe(0);
    expect(backup.asked.at(-1)).toBe('GET /admin/realms/acme/export');
    expect(await seen()).toMatchObject({
      api: { dialect: 'documented' },
      token: { endpoint: server.url + tokenPath },
    });
    release = 'v1.1';
    expect((await run('backup', 'real', 'acme')).code).toBe(0);
    expect(await seen()).toMatchObject({ api: { dialect: 'v1.1' } });
  },
);

test('what decides what is written is looked for anew', async () => {
  await run('backup', 'real', 'acme');
  release = 'both';
  const plan = await run('plan', 'latest:real/acme', 'real', '--realm-name', 'other');
  expect(plan.asked).toContain('GET /admin/realms/acme/export');
  expect(await seen()).toMatchObject({ api: { dialect: 'documented' } });
});

test('a test finds out for itself, and what it finds is remembered; other addresses are other servers', async () => {
  await run('env', 'test', 'real');
  const again = await run('env', 'test', 'real');
  expect(again.asked.slice(0, TOKEN_SEARCH)).toContain('GET /.well-known/openid-configuration');
  expect(await seen()).toMatchObject({ api: { dialect: 'v1.1' } });
  await run('env', 'update', 'real', '--api-rate', '5', '--no-test');
  expect(await seen()).toMatchObject({ api: { dialect: 'v1.1' } });
  await run(...'env update real --pg-url postgres://opengate@127.0.0.1:1/ --no-test'.split(' '));
  expect(await seen()).toMatchObject({ api: { dialect: 'v1.1' } });
  await run('env', 'update', 'real', '--api-url', server.url.replace('127.0.0.1', 'localhost'), '--no-test');
  expect(await seen()).toBeUndefined();
});

test('a server that speaks in no known way any more is remembered as nothing', async () => {
  await run('env', 'test', 'real');
  release = 'documented';
  const kept = { ...DOCUMENTED };
  delete (DOCUMENTED as Partial<typeof DOCUMENTED>)['/admin/realms/acme/export'];
  expect((await run('backup', 'real', 'acme')).code).not.toBe(0);
  Object.assign(DOCUMENTED, kept);
  expect((await seen())?.api).toBeUndefined();
});
