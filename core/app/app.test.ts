import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { appContract } from '../../contract/app.ts';
import { fromWire } from '../../contract/wire.ts';
import { SilentServer } from '../../test/silent-server.ts';
import type { Keychain } from '../catalog/vault/keychain.ts';
import { openApp, type App, type AppOptions } from './index.ts';
import type { StandIn, StandIns } from './practice.ts';

type Client = ContractRouterClient<typeof appContract>;

const PASSPHRASE = 'a passphrase of the test';
const DEV = standIn('dev', 9_001);
const PROD = standIn('prod', 9_002);
let folder: string;
let apps: App[];
let stopped: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-app-'));
  apps = [];
  stopped = 0;
});
afterEach(async () => {
  for (const app of apps) await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A keychain that keeps nothing, as on a server. */
const none: Keychain = {
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => undefined,
};

async function open(more: Partial<AppOptions> = {}): Promise<Client> {
  const app = await openApp({
    about: { version: '1', host: 'loopback', platform: 'linux', node: '24', licence: 'Apache-2.0' },
    usualDir: join(folder, 'catalog'),
    keychain: none,
    preferencesFile: join(folder, 'config', 'windows.json'),
    startStandIns: async () => standIns(),
    runSchedules: false,
    warn: () => undefined,
    testing: { scrypt: { n: 1024, r: 8, p: 1 } },
    ...more,
  });
  apps.push(app);
  return createRouterClient(app.router) as Client;
}

/** Nobody asks them for anything here: what is looked at is who comes into the catalog and leaves it. */
function standIn(name: string, port: number): StandIn {
  const at = `http://127.0.0.1:${port}`;
  return {
    name,
    apiUrl: at,
    authUrl: at,
    gatewayUrl: at,
    clientId: 'drawbridge',
    clientSecret: 'secret',
    pgUrl: `postgres://postgres:secret@127.0.0.1:${port}/postgres`,
    databases: { realm: 'r', user: 'u', rbac: 'b', client: 'c' },
    realms: ['acme'],
  };
}

function standIns(): StandIns {
  return {
    environments: [DEV, PROD],
    stop: async () => {
      stopped += 1;
    },
  };
}

async function running(client: Client): Promise<void> {
  await client.practice.start({});
  for await (const { state, error } of await client.practice.watch()) {
    if (error) throw new Error(error.message);
    if (state === 'running') return;
  }
}

async function names(client: Client): Promise<string[]> {
  return (await client.engine.environments.list()).map(({ name }) => name);
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: unknown) => fromWire(error).code,
  );
}

describe('the engine behind a window', () => {
  it('answers while a catalog is open, and says typed why it does not', async () => {
    const client = await open();
    expect(await client.about()).toMatchObject({ version: '1', runsSchedules: false });
    expect(await codeOf(client.engine.environments.list())).toBe('CATALOG_MISSING');
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    expect(await codeOf(client.engine.snapshots.get({ snapshot: 'nope' }))).toBe('NOT_FOUND');
    expect(await codeOf(client.engine.environments.add({ name: '' }))).toBe('USAGE');
    await client.workspace.lock();
    expect(await codeOf(client.engine.environments.list())).toBe('PASSPHRASE_NEEDED');
    await client.workspace.open({ key: { passphrase: PASSPHRASE } });
    expect(await names(client)).toEqual([]);
  });

  it('ends its iterators when the caller goes away, and when the catalog is locked', async () => {
    const client = await open();
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    const stop = new AbortController();
    const waiting = await client.engine.schedules.run({ what: 'all' }, { signal: stop.signal });
    expect((await waiting.next()).value).toEqual({ kind: 'waiting' });
    stop.abort();
    await ended(waiting);

    const views = await client.workspace.watch(undefined, { signal: AbortSignal.timeout(30_000) });
    expect((await views.next()).value).toMatchObject({ state: 'open' });
    await client.workspace.lock();
    const seen = (await views.next()).value;
    expect(seen).toMatchObject({ state: 'locked' });
    await views.return?.();
  });

  it('is not closed under a job that runs', async () => {
    await using silent = await SilentServer.start();
    const client = await open();
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    await client.engine.environments.add({
      name: 'silent',
      stage: 'development',
      api: { apiUrl: silent.url, clientId: 'x', clientSecret: 'y' },
    });
    const { id } = await client.engine.jobs.start({ kind: 'backup', environment: 'silent' });
    await silent.called;
    expect(await client.workspace.running()).toEqual({ jobs: 1 });
    for (const refused of [
      client.workspace.lock(),
      client.workspace.choose({ dir: join(folder, 'other') }),
      client.workspace.move({ to: join(folder, 'other'), key: { passphrase: PASSPHRASE } }),
    ])
      expect(await codeOf(refused)).toBe('USAGE');
    expect(await client.workspace.get()).toMatchObject({ state: 'open' });
    // The end of the program cancels it, and its end is written down.
    await apps.pop()!.close();
    const later = await open();
    await later.workspace.open({ key: { passphrase: PASSPHRASE } });
    expect(await later.engine.jobs.get({ job: id })).toMatchObject({ state: 'canceled' });
  });
});

async function ended(events: AsyncIterator<unknown>): Promise<void> {
  try {
    while (!(await events.next()).done);
  } catch (error) {
    // As an abort may be told, too.
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  }
}

describe('the catalog’s folder', () => {
  it('is remembered when it was chosen, and not changed where it was given', async () => {
    const client = await open();
    const dir = join(folder, 'other');
    await client.workspace.create({ dir, key: { passphrase: PASSPHRASE } });
    expect(await codeOf(client.workspace.choose({ dir: 'relative' }))).toBe('USAGE');
    const again = await open();
    expect(await again.workspace.get()).toMatchObject({ dir, state: 'locked', opensWith: ['passphrase'] });
    const given = await open({ dir: join(folder, 'given') });
    expect(await given.workspace.get()).toMatchObject({ state: 'absent', fixed: true });
    expect(await codeOf(given.workspace.choose({ dir }))).toBe('USAGE');
    await given.workspace.create({ key: { passphrase: PASSPHRASE } });
    expect(
      await codeOf(given.workspace.move({ to: join(folder, 'moved'), key: { passphrase: PASSPHRASE } })),
    ).toBe('USAGE');
    expect(await (await open()).workspace.get()).toMatchObject({ dir });
  });

  it('is moved with what is in it, and stays where it was when that fails', async () => {
    const client = await open();
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    await client.engine.environments.add({
      name: 'dev',
      stage: 'development',
      api: { apiUrl: 'https://iam.example', clientId: 'x', clientSecret: 'y' },
    });
    const to = join(folder, 'moved', 'here');
    const key = { passphrase: PASSPHRASE };
    expect(await codeOf(client.workspace.move({ to, key: { passphrase: 'wrong' } }))).toBe('WRONG_KEY');
    expect(await codeOf(client.workspace.move({ to: join(folder, 'catalog', 'in'), key }))).toBe('USAGE');
    expect(await client.workspace.get()).toMatchObject({
      state: 'open',
      dir: join(folder, 'catalog'),
      lastMove: { error: { code: 'USAGE' } },
    });

    const states: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const { state, moving } of await client.workspace.watch(undefined, { signal: stop.signal }))
        states.push(moving ? 'moving' : state);
    })().catch(() => undefined);
    expect(await client.workspace.move({ to, key })).toMatchObject({ state: 'open', dir: to });
    stop.abort();
    await watching;
    // To a window it is one move: never a catalog that is locked, on the way.
    expect([...new Set(states)]).toEqual(['open', 'moving']);
    expect(await client.workspace.get()).toMatchObject({ state: 'open', dir: to, lastMove: { to } });
    expect(await names(client)).toEqual(['dev']);
    expect(statSync(join(folder, 'catalog'), { throwIfNoEntry: false })).toBeUndefined();
    await apps.pop()!.close();
    expect(await (await open()).workspace.get()).toMatchObject({ dir: to, state: 'locked' });
  });
});

describe('practice', () => {
  it('puts two stand-ins into the catalog, and takes them out when it ends or the catalog is closed', async () => {
    const client = await open();
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    await Promise.all([running(client), client.practice.start({})]);
    expect(await names(client)).toEqual(['practice-dev', 'practice-prod']);
    expect(await client.practice.get()).toMatchObject({
      environments: [{ stage: 'development' }, { stage: 'production' }],
    });
    expect(await client.practice.stop()).toMatchObject({ state: 'stopped' });
    expect([await names(client), stopped]).toEqual([[], 1]);

    await running(client);
    // Begun again before they have ended.
    const stopping = client.practice.stop();
    await running(client);
    await stopping;
    expect([(await client.practice.get()).state, stopped]).toEqual(['running', 2]);
    expect(await names(client)).toEqual(['practice-dev', 'practice-prod']);
    await client.workspace.lock();
    expect([(await client.practice.get()).state, stopped]).toEqual(['stopped', 3]);
    await client.workspace.open({ key: { passphrase: PASSPHRASE } });
    expect(await names(client)).toEqual([]);
  });

  it('forgets those of a program that was killed, and nobody else’s of such a name', async () => {
    const client = await open();
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    await running(client);
    // The program dies: another process than any that lives is remembered.
    const file = join(folder, 'config', 'windows.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { standIns: { pid: number }[] };
    for (const one of kept.standIns) one.pid = 2 ** 30;
    await client.engine.environments.add({
      name: 'practice-mine',
      stage: 'development',
      api: { apiUrl: 'http://127.0.0.1:9003', clientId: 'x', clientSecret: 'y' },
    });
    writeFileSync(file, JSON.stringify(kept));
    const later = await open();
    await later.workspace.open({ key: { passphrase: PASSPHRASE } });
    await expect.poll(() => names(later)).toEqual(['practice-mine']);
    await later.practice.start({});
    await expect.poll(async () => (await later.practice.get()).state).toBe('failed');
    expect(await later.practice.get()).toMatchObject({ error: { code: 'INVALID_NAME' } });
    expect(await names(later)).toEqual(['practice-mine']);
  });

  it('leaves nothing behind when it cannot be started', async () => {
    const client = await open({
      startStandIns: async () => ({ ...standIns(), environments: [DEV, { ...PROD, apiUrl: 'no address' }] }),
    });
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    await client.practice.start({});
    await expect.poll(async () => (await client.practice.get()).state).toBe('failed');
    expect([await names(client), stopped]).toEqual([[], 1]);
  });

  it('says why it could not be started also where it cannot be ended either', async () => {
    const client = await open({
      startStandIns: async () => ({
        environments: [{ ...DEV, apiUrl: 'no address' }],
        stop: async () => {
          throw new Error('It does not end.');
        },
      }),
    });
    await client.workspace.create({ key: { passphrase: PASSPHRASE } });
    await client.practice.start({});
    await expect.poll(async () => (await client.practice.get()).state).toBe('failed');
    expect(await client.practice.get()).toMatchObject({ error: { code: 'USAGE' } });
  });
});
