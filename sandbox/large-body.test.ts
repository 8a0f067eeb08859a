import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
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

test.each([
  ['for what the path says', '/admin/realms/no-such-realm/users/import', '404', 'REALM_NOT_FOUND'],
  ['for the first bytes of the body', '/admin/realms/import', '400', 'MALFORMED_JSON'],
])(
  'a refusal %s reaches a client that listens only when it has sent all',
  async (_what, path, status, error) => {
    const body = Buffer.alloc(20_000_000, 'x');
    const socket = connect(Number(new URL(server.environment.apiUrl).port), '127.0.0.1').pause();
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${await token(server.environment)}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`,
    );
    await new Promise<void>((resolve, reject) =>
      socket.write(body, (failure) => (failure ? reject(failure) : resolve())),
    );
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(error);
  },
);
