import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { appContract } from '../../contract/app.ts';
import { fromWire } from '../../contract/wire.ts';
import { isAlive } from '../../core/engine/index.ts';
import { SilentServer } from '../silent-server.ts';

const EXECUTABLE = fileURLToPath(new URL('../../cli/drawbridge.mjs', import.meta.url));
const PASSPHRASE = 'a passphrase of the test';

type Client = ContractRouterClient<typeof appContract>;

let folder: string;
let page: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-serve-'));
  // What the page shows is looked at by the tests of the windows.
  page = join(folder, 'page');
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Drawbridge</title>');
});
afterEach(async () => {
  // Each is to clean up after itself.
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Served {
  readonly child: ChildProcess;
  readonly text: { out: string; err: string };
  readonly ended: Promise<number | null>;
  shows(pattern: RegExp): Promise<RegExpExecArray>;
}

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    DRAWBRIDGE_PASSPHRASE: PASSPHRASE,
    ...more,
  };
}

function watched(child: ChildProcess): Served {
  children.push(child);
  const text = { out: '', err: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['out', 'err'] as const)
    child[stream === 'out' ? 'stdout' : 'stderr']?.setEncoding('utf8').on('data', (piece: string) => {
      text[stream] += piece;
      for (const watcher of watchers) watcher();
    });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    text,
    ended,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text.out + text.err);
          if (found) resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then((code) => reject(new Error(`It ended with ${code}: ${text.out}${text.err}`)));
      }),
  };
}

function serve(words: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Served {
  return watched(
    spawn(process.execPath, [EXECUTABLE, 'serve', '--page', page, ...words], {
      env: environment(more),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

async function linkOf(served: Served): Promise<string> {
  return (await served.shows(/http:\/\/127\.0\.0\.1:\d+\/enter\?token=[\w-]{43}/))[0];
}

/** As the page does. */
async function connected(link: string): Promise<{ client: Client; readonly close: () => void }> {
  const { origin } = new URL(link);
  const entered = await fetch(link);
  expect(entered.status).toBe(200);
  const cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
  const websocket = new WebSocket(`${origin.replace('http', 'ws')}/engine`, { headers: { cookie, origin } });
  await new Promise((resolve, reject) => websocket.on('open', resolve).on('error', reject));
  return {
    client: createORPCClient<Client>(new RPCLink({ websocket })),
    close: () => websocket.terminate(),
  };
}

test('one line of JSON with a link, the windows’ engine behind it, and a clean end', async () => {
  const served = serve(['--json']);
  const [line] = await served.shows(/^\{.*\}$/m);
  const { url, port } = JSON.parse(line) as { url: string; port: number };
  expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/enter\\?token=[\\w-]{43}$`));
  const { client, close } = await connected(url);
  expect(await client.about()).toMatchObject({ host: 'loopback', runsSchedules: true });
  expect(await client.workspace.get()).toMatchObject({
    state: 'absent',
    dir: join(folder, 'data', 'drawbridge'),
  });
  await client.workspace.create({ key: { passphrase: PASSPHRASE } });
  await using silent = await SilentServer.start();
  await client.engine.environments.add({
    name: 'silent',
    stage: 'development',
    api: { apiUrl: silent.url, clientId: 'x', clientSecret: 'a secret of the client' },
  });
  const { id } = await client.engine.jobs.start({ kind: 'backup', environment: 'silent' });
  await silent.called;

  // Nothing secret is in what everybody on this computer can read of the process.
  const { pid } = served.child;
  if (process.platform === 'linux') {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    for (const secret of [PASSPHRASE, 'a secret of the client', new URL(url).searchParams.get('token')!])
      expect(words).not.toContain(secret);
  }
  served.child.kill('SIGINT');
  expect(await served.ended).toBe(0);
  expect(served.text.out.trim().split('\n')).toHaveLength(1);
  expect(served.text.err).toContain('Stopping cleanly');
  close();
  await expect(fetch(url)).rejects.toThrow('fetch failed');

  // What ran was canceled and its end written down; the next one opens by the passphrase at hand.
  const again = serve(['--json', '--no-schedules']);
  const later = await connected(await linkOf(again));
  expect(await later.client.workspace.get()).toMatchObject({ state: 'open' });
  expect(await later.client.about()).toMatchObject({ runsSchedules: false });
  expect((await later.client.engine.jobs.get({ job: id })).state).toBe('canceled');
  later.close();
});

test('a wrong passphrase at hand does not end it: the windows ask for the right one', async () => {
  const served = serve([], { DRAWBRIDGE_PASSPHRASE: 'not the one' });
  expect(await served.shows(/The link is good for one use/)).toBeTruthy();
  const { client, close } = await connected(await linkOf(served));
  expect(await client.workspace.get()).toMatchObject({ state: 'locked', error: { code: 'WRONG_KEY' } });
  const refused = await client.engine.environments.list().catch((error: unknown) => fromWire(error));
  expect(refused).toMatchObject({ code: 'PASSPHRASE_NEEDED' });
  expect(await client.workspace.open({ key: { passphrase: PASSPHRASE } })).toMatchObject({ state: 'open' });
  close();
});

test('a port that is taken, one that is none, and windows that were not built', async () => {
  const first = serve(['--json']);
  const [line] = await first.shows(/^\{.*\}$/m);
  const { port } = JSON.parse(line) as { port: number };
  const second = serve(['--port', String(port), '--json']);
  expect(await second.ended).toBe(2);
  expect(JSON.parse(second.text.out)).toMatchObject({
    error: { code: 'USAGE', message: `Port ${port} of 127.0.0.1 cannot be listened on.` },
  });
  expect(await serve(['--port', '70000']).ended).toBe(2);
  const unbuilt = serve(['--page', join(folder, 'nowhere'), '--json']);
  expect(await unbuilt.ended).toBe(1);
  expect(JSON.parse(unbuilt.text.out)).toMatchObject({ error: { code: 'FILE_FAILED' } });
});

test('a browser is given the link in a file that only this user can read, and none is no end', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const heard = join(folder, 'opened');
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  writeFileSync(
    join(bin, opener),
    `#!/bin/sh\nprintf '%s' "$1" > ${heard}.part\nmv ${heard}.part ${heard}\n`,
    {
      mode: 0o755,
    },
  );
  const served = serve(['--open'], { PATH: `${bin}:${process.env['PATH']}` });
  const link = await linkOf(served);
  await expect.poll(() => existsSync(heard), { timeout: 20_000 }).toBe(true);
  const given = readFileSync(heard, 'utf8');
  expect(given).toMatch(/^file:/);
  expect(given).not.toContain('token');
  const file = fileURLToPath(given);
  expect(readFileSync(file, 'utf8')).toContain(link);
  served.child.kill('SIGTERM');
  await served.ended;
  expect(existsSync(file)).toBe(false);

  const without = serve(['--open'], { PATH: join(folder, 'empty') });
  await without.shows(/No browser could be opened .* Open the link yourself\./);
  expect((await fetch(await linkOf(without))).status).toBe(200);
});

test('it ends with the process that started it', async () => {
  const parent = watched(
    spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify([EXECUTABLE, 'serve', '--json', '--page', page])}, { stdio: 'inherit' });
         console.log('child ' + child.pid);
         setInterval(() => undefined, 1000);`,
      ],
      { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    ),
  );
  const [, pid] = await parent.shows(/child (\d+)/);
  const link = await linkOf(parent);
  parent.child.kill('SIGKILL');
  await expect.poll(() => isAlive(Number(pid)), { timeout: 20_000 }).toBe(false);
  await expect(fetch(link)).rejects.toThrow('fetch failed');
  const mine = readdirSync(tmpdir()).filter((name) => name.startsWith(`drawbridge-dropped-${pid}-`));
  expect(mine).toEqual([]);
});
