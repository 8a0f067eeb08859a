import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { os } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { errorView } from '../../contract/job.ts';
import { startLoopbackServer, type LoopbackServer } from './loopback-server.ts';

let folder: string;
let server: LoopbackServer;
let now = 1_000_000;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-loopback-'));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><meta content="__NONCE__">');
  writeFileSync(join(folder, 'page', 'assets', 'a.js'), 'export {};');
  writeFileSync(join(folder, 'page', 'assets', 'a.js.map'), 'not served');
  writeFileSync(join(folder, 'secret.js'), 'never served');
  server = await start();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(more: Partial<Parameters<typeof startLoopbackServer>[0]> = {}): Promise<LoopbackServer> {
  return startLoopbackServer({
    router: { say: os.handler(() => 'said') },
    pageFolder: join(folder, 'page'),
    port: undefined,
    testing: { uploadLimit: 1000, now: () => now },
    ...more,
  });
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly at?: LoopbackServer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** As any program of this computer can ask: `fetch` would set Host and Origin by itself. */
function ask(path: string, { method = 'GET', headers = {}, body, at = server }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: at.port, path, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

async function enter(at = server): Promise<string> {
  const link = new URL(at.newLink());
  const { headers, status } = await ask(link.pathname + link.search, { at });
  expect(status).toBe(200);
  return headers['set-cookie']![0]!.split(';')[0]!;
}

const origin = (): string => `http://127.0.0.1:${server.port}`;

describe('the entrance', () => {
  it('opens once for a link, with a cookie that no script and no other site gets', async () => {
    const link = new URL(server.newLink());
    const first = await ask(link.pathname + link.search);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(`^drawbridge-${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
      ),
    ]);
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'",
    });
    // The token is not told again.
    expect(first.text).not.toContain(link.searchParams.get('token')!);
    expect((await ask(link.pathname + link.search)).status).toBe(403);
    for (const token of ['', 'x', '%00', 'a'.repeat(5000)])
      expect((await ask(`/enter?token=${token}`)).status).toBe(403);
  });

  it('closes for a link that lay about, and for an earlier one', async () => {
    const old = new URL(server.newLink());
    now += 11 * 60_000;
    expect((await ask(old.pathname + old.search)).status).toBe(403);
    const earlier = new URL(server.newLink());
    server.newLink();
    expect((await ask(earlier.pathname + earlier.search)).status).toBe(403);
  });

  it('shows nothing without the cookie, nor with another one', async () => {
    for (const cookie of [
      undefined,
      `drawbridge-${server.port}=`,
      `drawbridge-${server.port}=${'A'.repeat(43)}`,
    ])
      for (const path of ['/', '/assets/a.js', '/engine', '/dropped', '/nothing']) {
        const { status, text } = await ask(path, cookie === undefined ? {} : { headers: { cookie } });
        expect([status, text]).toEqual([403, expect.stringContaining('Open the link')]);
      }
  });
});

describe('the page', () => {
  it('comes with a policy and a nonce of its own at each load', async () => {
    const cookie = await enter();
    const [one, two] = [await ask('/', { headers: { cookie } }), await ask('/', { headers: { cookie } })];
    const policy = String(one.headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]+'/);
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${server.port};`);
    expect(policy).not.toContain('unsafe');
    expect(one.text).not.toContain('__NONCE__');
    expect(two.headers['content-security-policy']).not.toBe(policy);
    expect(one.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const script = await ask('/assets/a.js', { headers: { cookie } });
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect((await ask('/', { method: 'HEAD', headers: { cookie } })).text).toBe('');
  });

  it('is all that can be had: no path leads out of it', async () => {
    const cookie = await enter();
    for (const path of [
      '/../secret.js',
      '/assets/../../secret.js',
      '/..%2fsecret.js',
      '/%2e%2e/secret.js',
      '/assets/..%5c..%5csecret.js',
      join(folder, 'secret.js'),
      '/assets/a.js.map',
      '/assets/',
      '/index.html',
      '/__proto__',
      '/assets/a.js%00',
    ]) {
      const { status, text } = await ask(path, { headers: { cookie } });
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain('never served');
    }
    for (const path of ['http://[', '//secret.js', 'http://evil.example/'])
      expect([path, (await ask(path, { headers: { cookie } })).status]).toEqual([path, 400]);
  });

  it('is only looked at: other methods are refused', async () => {
    const cookie = await enter();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      const { status, headers } = await ask('/', { method, headers: { cookie, origin: origin() } });
      expect([method, status]).toEqual([method, 405]);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('who asks', () => {
  it('is answered under this address only, whatever name leads to it', async () => {
    const cookie = await enter();
    for (const host of [
      `localhost:${server.port}`,
      `evil.example:${server.port}`,
      `127.0.0.1:${server.port + 1}`,
      '127.0.0.1',
      `[::1]:${server.port}`,
      `127.0.0.1:${server.port}.evil.example`,
    ])
      expect([host, (await ask('/', { headers: { cookie, host } })).status]).toEqual([host, 421]);
    // Not even a link opens under another name, and it is good afterwards.
    const link = new URL(server.newLink());
    const path = link.pathname + link.search;
    expect((await ask(path, { headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await ask(path)).status).toBe(200);
  });

  it('is on this computer: no other address is listened on', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    for (const host of [...others, '::1', '127.0.0.2'])
      await expect(
        new Promise((resolve, reject) => {
          connect({ host, port: server.port }).on('connect', resolve).on('error', reject);
        }),
        host,
      ).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH|EHOSTUNREACH/);
  });
});

function socket(headers: Record<string, string>, path = '/engine'): Promise<WebSocket> {
  const opened = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  return new Promise((resolve, reject) => {
    opened.on('open', () => resolve(opened));
    opened.on('unexpected-response', (_, { statusCode }) => reject(new Error(`refused with ${statusCode}`)));
    opened.on('error', reject);
  });
}

describe('the engine’s socket', () => {
  it('opens for the page with its cookie, and answers', async () => {
    const opened = await socket({ cookie: await enter(), origin: origin() });
    const client = createORPCClient<{ say: () => Promise<string> }>(new RPCLink({ websocket: opened }));
    expect(await client.say()).toBe('said');
    opened.close();
  });

  it('is refused without the cookie, to any other origin, under another name, and at another path', async () => {
    const cookie = await enter();
    const [good] = [origin()];
    for (const [headers, path] of [
      [{ origin: good }],
      [{ cookie: 'drawbridge=1', origin: good }],
      [{ cookie }],
      [{ cookie, origin: 'http://evil.example' }],
      [{ cookie, origin: 'null' }],
      [{ cookie, origin: `http://localhost:${server.port}` }],
      [{ cookie, origin: `http://127.0.0.1:${server.port + 1}` }],
      [{ cookie, origin: `${good}.evil.example` }],
      [{ cookie, origin: good, host: 'evil.example' }],
      [{ cookie, origin: good }, '/'],
      [{ cookie, origin: good }, '/engine?x'],
    ] as [Record<string, string>, string?][])
      await expect(socket(headers, path), JSON.stringify([headers, path])).rejects.toThrow(
        'refused with 403',
      );
  });

  it('outlives messages that are none, that are too large, and connections that break', async () => {
    const headers = { cookie: await enter(), origin: origin() };
    const garbled = await socket(headers);
    garbled.send('no message of the protocol');
    garbled.send(Buffer.from([0, 1, 2, 255]));
    const large = await socket(headers);
    const closed = new Promise((resolve) => large.on('close', resolve));
    large.on('error', () => undefined);
    large.send('x'.repeat(17 * 1024 * 1024));
    await closed;
    for (let i = 0; i < 5; i++) {
      const torn = connect({ host: '127.0.0.1', port: server.port });
      await new Promise((resolve) => torn.on('connect', resolve));
      torn.write(
        `GET /engine HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      );
      torn.resetAndDestroy();
    }
    garbled.terminate();
    expect((await ask('/', { headers: { cookie: headers.cookie } })).status).toBe(200);
  });
});

describe('a file that is dropped', () => {
  const drop = async (name: string, more: Asked = {}): Promise<Answer> =>
    ask(`/dropped?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      body: 'content',
      ...more,
      headers: { cookie: await enter(), origin: origin(), ...more.headers },
    });

  it('is handed over whole, for this user only, under a harmless name', async () => {
    for (const [name, kept] of [
      ['realm.json', 'realm.json'],
      ['../../etc/passwd', 'passwd'],
      ['..', 'file'],
      ['', 'file'],
      ['a b\n"$(x)".json', 'a_b____x__.json'],
      [`${'n'.repeat(300)}.json`, `${'n'.repeat(95)}.json`],
    ] as const) {
      const { status, text } = await drop(name);
      expect(status).toBe(200);
      const { path } = JSON.parse(text) as { path: string };
      expect(basename(path)).toBe(kept);
      expect(readFileSync(path, 'utf8')).toBe('content');
      expect([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777]).toEqual([0o600, 0o700]);
    }
  });

  it('is refused from elsewhere', async () => {
    expect((await drop('a', { headers: { origin: 'http://evil.example' } })).status).toBe(403);
    expect((await drop('a', { headers: { cookie: '' } })).status).toBe(403);
    const { status } = await ask('/dropped?name=a', { method: 'POST', headers: { cookie: await enter() } });
    expect(status).toBe(403);
  });

  it('that is too large leaves nothing behind, whether its size is told or not', async () => {
    const { path } = JSON.parse((await drop('whole')).text) as { path: string };
    const folder = dirname(dirname(path));
    const before = readdirSync(folder).length;
    const told = await drop('a', { body: Buffer.alloc(1001) });
    expect(told.status).toBe(413);
    expect(errorView.parse(JSON.parse(told.text))).toMatchObject({ code: 'DOCUMENT_TOO_LARGE' });
    const chunked = await drop('a', {
      body: Buffer.alloc(5000),
      headers: { 'transfer-encoding': 'chunked' },
    }).catch(
      // The rest is not waited for.
      (error: NodeJS.ErrnoException) => ({ status: error.code }),
    );
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(chunked.status);
    await expect.poll(() => readdirSync(folder).length).toBe(before);
    expect((await drop('a', { body: Buffer.alloc(1000) })).status).toBe(200);
  });

  it('whose sender goes away leaves nothing behind', async () => {
    const { path } = JSON.parse((await drop('whole')).text) as { path: string };
    const folder = dirname(dirname(path));
    const before = readdirSync(folder).length;
    const cookie = await enter();
    const half = request({
      host: '127.0.0.1',
      port: server.port,
      path: '/dropped?name=half',
      method: 'POST',
      headers: { cookie, origin: origin(), 'content-length': 900 },
    });
    half.on('error', () => undefined);
    half.write('half of it');
    await expect.poll(() => readdirSync(folder).length).toBe(before + 1);
    half.destroy();
    await expect.poll(() => readdirSync(folder).length).toBe(before);
  });

  it('is removed with the server; that of a program that was killed at the next start', async () => {
    const left = join(tmpdir(), `drawbridge-dropped-${2 ** 30}-left`);
    mkdirSync(left, { mode: 0o700, recursive: true });
    const other = await start();
    expect(existsSync(left)).toBe(false);
    const { text } = await ask('/dropped?name=a', {
      at: other,
      method: 'POST',
      body: 'x',
      headers: { cookie: await enter(other), origin: `http://127.0.0.1:${other.port}` },
    });
    const { path } = JSON.parse(text) as { path: string };
    expect(existsSync(path)).toBe(true);
    await other.close();
    expect(existsSync(dirname(dirname(path)))).toBe(false);
  });
});

describe('what keeps it from starting', () => {
  it('a port that is taken', async () => {
    await expect(start({ port: server.port })).rejects.toMatchObject({
      code: 'USAGE',
      message: `Port ${server.port} of 127.0.0.1 cannot be listened on.`,
    });
  });

  it('a folder for temporary files that is not there', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'));
    await expect(start()).rejects.toMatchObject({
      code: 'FILE_FAILED',
      remedy: expect.stringContaining('TMPDIR') as string,
    });
    vi.unstubAllEnvs();
  });

  it('a page that was not built', async () => {
    await expect(start({ pageFolder: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'FILE_FAILED',
      remedy: expect.stringContaining('npm run build') as string,
    });
  });
});
