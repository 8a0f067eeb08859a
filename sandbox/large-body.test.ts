import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SandboxEnvironment } from './index.ts';
import { startLoneSandbox } from './testing/lone-process.ts';

let server: Awaited<ReturnType<typeof startLoneSandbox>>;

beforeAll(async () => {
  // A body held in memory would end this process.
  server = await startLoneSandbox(['--max-old-space-size=56'], []);
});

afterAll(async () => {
  const ended = once(server.process, 'exit');
  server.process.kill();
  await ended;
});

async function token({ authUrl, clientId, clientSecret }: SandboxEnvironment): Promise<string> {
  const answer = await fetch(`${authUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

const ROLES = 900;
const DESCRIPTION = 'd'.repeat(90_000);

/** 81 MB. */
async function* document(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"realm":{"id":"large"},"roles":[');
  for (let i = 0; i < ROLES; i++)
    yield Buffer.from(`${i === 0 ? '' : ','}{"name":"role-${i}","description":"${DESCRIPTION}"}`);
  yield Buffer.from(']}');
}

test('a body of 81 MB is imported by a process with a heap of 56 MB', async () => {
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await token(server.environment)}`,
      'content-type': 'application/json',
    },
    body: ReadableStream.from(document()),
    duplex: 'half',
  };
  const answer = await fetch(`${server.environment.apiUrl}/admin/realms/import`, init);
  expect(await answer.json()).toMatchObject({ realm: 'large', roles: { created: ROLES } });
  expect(answer.status).toBe(201);
  expect(server.process.exitCode).toBeNull();
});

test('a refusal reaches the client that is still sending', async () => {
  const answer = await fetch(`${server.environment.apiUrl}/admin/realms/no-such-realm/users/import`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await token(server.environment)}`,
      'content-type': 'application/json',
    },
    body: Buffer.alloc(20_000_000, 'x'),
  });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: 'REALM_NOT_FOUND' });
});
