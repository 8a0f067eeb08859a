import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import type { Connector } from '../connector.ts';
import { createAdminApiConnector } from './index.ts';
import {
  quickSettings,
  SECRET,
  sendJson,
  sendToken,
  startScripted,
  TOKEN,
  type Asked,
  type ScriptedServer,
} from './testing/scripted-server.ts';

const signal = new AbortController().signal;
const DOCUMENT = {
  realm: { id: 'acme', displayName: 'ACME' },
  roles: [{ name: 'viewer' }],
  clients: [],
  users: Array.from({ length: 3000 }, (_, i) => ({ username: `user-${i}`, email: `u${i}@example.com` })),
};

const open: (ScriptedServer | Connector)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

type Script = (asked: Asked, response: ServerResponse) => void | Promise<void>;

async function connected(
  script: Script,
  more: Partial<Parameters<typeof createAdminApiConnector>[0]> = {},
  waits: number[] = [],
): Promise<{ connector: Connector; server: ScriptedServer; waits: number[] }> {
  const server = await startScripted(script);
  const connector = createAdminApiConnector({ ...quickSettings(server.url, waits), ...more });
  open.push(server, connector);
  return { connector, server, waits };
}

/** The token endpoint works; everything else is the script's. */
function withToken(script: Script): Script {
  return async (asked, response) => {
    if (!sendToken(asked, response)) await script(asked, response);
  };
}

async function captureAll(connector: Connector, abort: AbortSignal = signal): Promise<number> {
  let records = 0;
  for await (const batch of connector.capture('acme', {}, abort).batches) records += batch.records.length;
  return records;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error);
  for (const secret of [SECRET, TOKEN, encodeURIComponent(SECRET)]) expect(shown).not.toContain(secret);
  return error as AppError;
}

function refusal(address: string): AppError {
  try {
    createAdminApiConnector(quickSettings(address));
  } catch (error) {
    return error as AppError;
  }
  throw new Error(`${address} was accepted`);
}

async function captureFailure(script: Script, code: ErrorCode): Promise<AppError> {
  const { connector } = await connected(script);
  const error = await failure(captureAll(connector));
  expect(error).toMatchObject({ code });
  expect(error.remedy).not.toBe('');
  expect(error.notChanged).not.toBe('');
  expect(error.details['environment']).toBe('test');
  return error;
}

describe('an export that does not arrive', () => {
  it('names an unreachable host and what to check', async () => {
    const server = await startScripted(() => undefined);
    await server.close();
    const waits: number[] = [];
    const connector = createAdminApiConnector(quickSettings(server.url, waits));
    open.push(connector);
    const error = await failure(captureAll(connector));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain(server.url);
    expect(waits).toEqual([50, 100]);
  });

  it('names a host that does not resolve, at once', async () => {
    const waits: number[] = [];
    const connector = createAdminApiConnector(quickSettings('http://no-such-host.invalid:1', waits));
    open.push(connector);
    const error = await failure(captureAll(connector));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain('no-such-host.invalid');
  });

  it('a wrong secret is AUTH_FAILED with the server’s words, and the secret it echoes is hidden', async () => {
    const { connector, server } = await connected((_asked, response) => {
      sendJson(response, 401, { error: 'invalid_client', error_description: `bad secret ${SECRET}` });
    });
    const error = await failure(captureAll(connector));
    expect(error.code).toBe('AUTH_FAILED');
    expect(error.message).toContain('invalid_client');
    expect(error.message).toContain('<hidden>');
    // In the form and as HTTP Basic, and nowhere else.
    expect(server.asked.map((asked) => asked.path)).toEqual(
      Array.from({ length: 2 }, () => '/realms/master/protocol/openid-connect/token'),
    );
  });

  it('no part of an echoed secret is left, wherever the text is cut', async () => {
    for (let length = 470; length < 505; length++) {
      const echo = { error: 'invalid_client', message: 'x'.repeat(length) + SECRET };
      const { connector } = await connected((_asked, response) => sendJson(response, 400, echo));
      const error = await failure(captureAll(connector));
      expect(error.message).not.toContain(SECRET.slice(0, 4));
    }
  });

  it('a missing token endpoint points at the auth address', async () => {
    const error = await captureFailure(
      (_asked, response) => sendJson(response, 404, {}),
      'UNEXPECTED_ANSWER',
    );
    expect(error.remedy).toContain('auth address');
  });

  it('a token in a shape we do not know is not quoted', async () => {
    await captureFailure(
      (_asked, response) => sendJson(response, 200, { token: TOKEN, secret: SECRET }),
      'UNEXPECTED_ANSWER',
    );
  });

  it('a token answer that is broken JSON is not quoted', async () => {
    await captureFailure((_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"access_token":"${TOKEN}`);
    }, 'UNEXPECTED_ANSWER');
  });

  it('a token that has gone stale is renewed once and silently', async () => {
    let issued = 0;
    const { connector } = await connected((asked, response) => {
      if (asked.path.endsWith('/token')) return void sendToken(asked, response, `tok-${++issued}`);
      if (asked.authorization !== 'Bearer tok-2') return sendJson(response, 401, { error: 'invalid_token' });
      return sendJson(response, 200, DOCUMENT);
    });
    expect(await captureAll(connector)).toBe(3002);
    expect(issued).toBe(2);
  });

  it('a token refused twice is AUTH_FAILED', async () => {
    const error = await captureFailure(
      withToken((_asked, response) => sendJson(response, 401, { error: 'invalid_token' })),
      'AUTH_FAILED',
    );
    expect(error.message).toContain('export realm “acme”');
  });

  it('a token without rights is FORBIDDEN', async () => {
    await captureFailure(
      withToken((_asked, response) => sendJson(response, 403, { error: 'FORBIDDEN', message: 'no admin' })),
      'FORBIDDEN',
    );
  });

  it('a realm that is not there is REALM_NOT_FOUND', async () => {
    const error = await captureFailure(
      withToken((asked, response) =>
        asked.path.startsWith('/api/realms?')
          ? sendJson(response, 200, { content: [{ name: 'other' }], totalPages: 1, totalElements: 1 })
          : sendJson(response, 404, { error: 'REALM_NOT_FOUND' }),
      ),
      'REALM_NOT_FOUND',
    );
    expect(error.message).toBe('Could not export realm “acme”: there is no realm “acme”.');
    expect(error.details).toMatchObject({ status: 404 });
  });

  it('a server without exports is told apart from a missing realm', async () => {
    await captureFailure(
      withToken((asked, response) =>
        asked.path.startsWith('/admin/realms?')
          ? sendJson(response, 200, [{ name: 'acme' }])
          : sendJson(response, 404, { status: 404, error: 'Not Found' }),
      ),
      'UNSUPPORTED_BY_ROUTE',
    );
  });

  it('a web page is told as such, with its title, status and type', async () => {
    const error = await captureFailure(
      withToken((_asked, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(`<!doctype html><html><title>Sign in</title>${'x'.repeat(200_000)}`);
      }),
      'UNEXPECTED_ANSWER',
    );
    expect(error.message).toContain('answered 200, with a web page titled “Sign in”');
    expect(error.message.length).toBeLessThan(400);
  });

  it('a redirect is not followed, and says where it pointed', async () => {
    const elsewhere = await startScripted((_asked, response) => sendJson(response, 200, DOCUMENT));
    open.push(elsewhere);
    const error = await captureFailure(
      withToken((_asked, response) => {
        response.writeHead(302, { location: `${elsewhere.url}/login;jsessionid=1A2B?state=1` });
        response.end();
      }),
      'UNEXPECTED_ANSWER',
    );
    expect(error.message).toContain(`${elsewhere.url}/login`);
    expect(error.message).not.toMatch(/state=1|jsessionid/);
    expect(elsewhere.asked).toEqual([]);
  });

  it('a burst of 500 is waited out; a lasting one is SERVER_ERROR', async () => {
    let failing = 2;
    const { connector, waits } = await connected(
      withToken((_asked, response) =>
        failing-- > 0 ? sendJson(response, 500, { status: 500 }) : sendJson(response, 200, DOCUMENT),
      ),
    );
    expect(await captureAll(connector)).toBe(3002);
    expect(waits).toEqual([50, 100]);
    failing = 99;
    const error = await failure(captureAll(connector));
    expect(error.code).toBe('SERVER_ERROR');
  });

  it('429 waits for as long as Retry-After says, in seconds or as a date', async () => {
    const headers = [{ 'retry-after': '7' }, { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }];
    const { connector, waits } = await connected(
      withToken((_asked, response) => {
        const next = headers.shift();
        if (next === undefined) sendJson(response, 200, DOCUMENT);
        else sendJson(response, 429, { error: 'RATE_LIMITED' }, next);
      }),
    );
    expect(await captureAll(connector)).toBe(3002);
    expect(waits[0]).toBe(7_000);
    expect(waits[1]).toBeGreaterThan(27_000);
    expect(waits[1]).toBeLessThanOrEqual(30_000);
  });

  it('429 without end is RATE_LIMITED; one that asks for an hour at once', async () => {
    await captureFailure(
      withToken((_asked, response) => sendJson(response, 429, {})),
      'RATE_LIMITED',
    );
    const error = await captureFailure(
      withToken((_asked, response) => sendJson(response, 429, {}, { 'retry-after': '3600' })),
      'RATE_LIMITED',
    );
    expect(error.message).toContain('asks to wait 3600 s');
  });

  it('an error body without end is not read to its end', async () => {
    let sent = 0;
    function* flood(): Generator<string> {
      for (; sent < 50_000_000; sent += 65_536) yield 'x'.repeat(65_536);
    }
    const error = await captureFailure(
      withToken((_asked, response) => {
        response.writeHead(400, { 'content-type': 'text/plain' });
        Readable.from(flood()).pipe(response);
      }),
      'REQUEST_REFUSED',
    );
    expect(error.message.length).toBeLessThan(500);
    expect(sent).toBeLessThan(20_000_000);
  });

  it('something that is not HTTP says so', async () => {
    const error = await captureFailure(
      withToken((_asked, response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n')),
      'UNEXPECTED_ANSWER',
    );
    expect(error.message).toContain('did not answer in HTTP');
  });
});

describe('an export that breaks off', () => {
  const text = JSON.stringify(DOCUMENT);

  function breaking(after: number, how: (response: ServerResponse) => void): Script {
    return withToken((_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
      response.write(text.slice(0, after), () => how(response));
    });
  }

  it('a closed connection midway is CONNECTION_LOST, and what had arrived is no snapshot', async () => {
    const { connector, server } = await connected(breaking(150_000, (response) => response.destroy()));
    const error = await failure(captureAll(connector));
    expect(error.code).toBe('CONNECTION_LOST');
    expect(error.message).toMatch(/\d+ records had arrived/);
    expect(error.notChanged).toContain('No snapshot');
    expect(server.asked.filter((asked) => asked.path.endsWith('/export'))).toHaveLength(1);
  });

  it('before the first record it is begun again', async () => {
    let broken = 0;
    const { connector } = await connected(
      withToken((_asked, response) => {
        if (broken++ > 1) return sendJson(response, 200, DOCUMENT);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
        return void response.write(text.slice(0, 20), () => response.destroy());
      }),
    );
    expect(await captureAll(connector)).toBe(3002);
    expect(broken).toBe(3);
  });

  it('a document that ends too early in a whole answer is UNEXPECTED_ANSWER', async () => {
    const error = await captureFailure(
      withToken((_asked, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(text.slice(0, 150_000));
      }),
      'UNEXPECTED_ANSWER',
    );
    expect(error.message).toContain('line 1');
    expect(error.notChanged).toContain('No snapshot');
  });

  it('silence in the middle is a TIMEOUT, and the connection is dropped', async () => {
    const { connector, server } = await connected(breaking(150_000, () => undefined));
    const error = await failure(captureAll(connector));
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain('stopped sending');
    await connector.close();
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('silence before the answer is a TIMEOUT', async () => {
    await captureFailure(
      withToken(() => undefined),
      'TIMEOUT',
    );
  });

  it.each([
    ['that is slow', 2_048, 'not finished after 1.5 s'],
    ['that drips along', 1, 'sends its answer too slowly'],
  ])('a look-up %s is cut, though it is never silent', async (_what, bytes, words) => {
    const { connector } = await connected(withToken(dripping(bytes)));
    const error = await failure(connector.realmExists('acme', signal));
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain(words);
  });

  it('an export that drips along is a TIMEOUT, though it is never silent', async () => {
    await captureFailure(withToken(dripping(1)), 'TIMEOUT');
  });

  function dripping(bytes: number): Script {
    return async (_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      while (!response.destroyed) {
        response.write(' '.repeat(bytes));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
  }

  it('a document of another realm is refused', async () => {
    const error = await captureFailure(
      withToken((_asked, response) => sendJson(response, 200, { ...DOCUMENT, realm: { id: 'other' } })),
      'UNEXPECTED_ANSWER',
    );
    expect(error.message).toContain('“other”');
  });

  it('canceling in the middle is CANCELED, at once, and drops the connection', async () => {
    const { connector, server } = await connected(breaking(150_000, () => undefined));
    const abort = new AbortController();
    const started = Date.now();
    const error = await failure(
      (async () => {
        for await (const _batch of connector.capture('acme', {}, abort.signal).batches) abort.abort();
      })(),
    );
    expect(error.code).toBe('CANCELED');
    expect(Date.now() - started).toBeLessThan(350);
    await connector.close();
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('closing the connector in the middle ends the capture as CANCELED', async () => {
    const { connector } = await connected(breaking(150_000, () => undefined));
    const error = await failure(
      (async () => {
        for await (const _batch of connector.capture('acme', {}, signal).batches) await connector.close();
      })(),
    );
    expect(error.code).toBe('CANCELED');
  });

  it('a reader that stops early drops the connection', async () => {
    const { connector, server } = await connected(breaking(150_000, () => undefined));
    for await (const batch of connector.capture('acme', {}, signal).batches)
      if (batch.records.length > 0) break;
    await expect.poll(() => server.sockets.size).toBeLessThanOrEqual(1);
    await connector.close();
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});

describe('secrets', () => {
  it('are shown by neither the connector nor its parts', async () => {
    const { connector } = await connected(withToken((_asked, response) => sendJson(response, 200, DOCUMENT)));
    await captureAll(connector);
    const shown = inspect(connector, { depth: 20, showHidden: true }) + JSON.stringify(connector);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(TOKEN);
  });

  it('a secret in an address is refused without being repeated', () => {
    for (const address of [`http://admin:${SECRET}@host`, `admin:${SECRET}@host`, 'not an address']) {
      const error = refusal(address);
      expect(error.code).toBe('USAGE');
      expect(inspect(error)).not.toContain(SECRET);
    }
  });
});

describe('tokens', () => {
  it('are asked for once by calls that run side by side, and kept', async () => {
    const { connector, server } = await connected(
      withToken((_asked, response) => sendJson(response, 200, DOCUMENT)),
    );
    await Promise.all([captureAll(connector), captureAll(connector), captureAll(connector)]);
    await captureAll(connector);
    expect(server.asked.filter((asked) => asked.path.endsWith('/token'))).toHaveLength(1);
    expect(server.asked[0]?.body).toBe(
      new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'admin-cli',
        client_secret: SECRET,
      }).toString(),
    );
  });

  it('are renewed before they expire', async () => {
    let now = 0;
    const { connector, server } = await connected(
      withToken((_asked, response) => sendJson(response, 200, DOCUMENT)),
      { time: { now: () => now, random: () => 0, sleep: async () => undefined } },
    );
    await captureAll(connector);
    now = 269_000;
    await captureAll(connector);
    expect(server.asked.filter((asked) => asked.path.endsWith('/token'))).toHaveLength(1);
    now = 271_000;
    await captureAll(connector);
    expect(server.asked.filter((asked) => asked.path.endsWith('/token'))).toHaveLength(2);
  });
});
