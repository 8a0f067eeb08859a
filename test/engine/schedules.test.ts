import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ScheduleEvent, ScheduleInput, ScheduleRun } from '../../contract/schedule.ts';
import { openEngine, type Engine } from '../../core/engine/index.ts';
import { startSandbox, type FaultHook, type Sandbox } from '../../sandbox/index.ts';
import { keys } from './line.ts';

let sandbox: Sandbox;
let fault: FaultHook | undefined;
let folder: string;
let clock = new Date('2027-03-01T12:00:00.000Z');
const engines: Engine[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ users: 20, bcryptCost: 4, onRequest: (request) => fault?.(request) });
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-schedules-'));
});
beforeEach(async () => {
  fault = undefined;
  await closeAll();
  rmSync(join(folder, 'catalog'), { recursive: true, force: true });
  clock = new Date('2027-03-01T12:00:00.000Z');
  const { client } = await open();
  const { apiUrl, clientId, clientSecret } = sandbox.environment('dev');
  await client.environments.add({
    name: 'dev',
    stage: 'development',
    api: { apiUrl, clientId, clientSecret },
  });
});
afterAll(async () => {
  await closeAll();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function closeAll(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
}

/** Another process over the same catalog, by the same clock. */
async function open(): Promise<Engine> {
  const engine = await openEngine({
    catalogDir: join(folder, 'catalog'),
    keys,
    createCatalog: true,
    testing: { scrypt: { n: 1024, r: 8, p: 1 }, now: () => clock },
  });
  engines.push(engine);
  return engine;
}

function nightly(more: Partial<ScheduleInput> = {}): ScheduleInput {
  return {
    name: 'nightly',
    cron: '0 2 * * *',
    timeZone: 'UTC',
    environment: 'dev',
    realms: ['acme'],
    ...more,
  };
}

async function runDue({ client }: Engine): Promise<ScheduleRun[]> {
  const runs: ScheduleRun[] = [];
  for await (const event of await client.schedules.run({ what: 'due' }))
    if (event.kind === 'ended') runs.push(event.run);
  return runs;
}

it('runs at its time, catches up once with what was missed, and finds nothing new to be a success', async () => {
  const [engine] = engines as [Engine];
  const { client } = engine;
  expect(await client.schedules.add(nightly())).toMatchObject({
    says: 'At 02:00, every day',
    next: '2027-03-02T02:00:00.000Z',
    paused: false,
    runs: [],
  });
  expect(await runDue(engine)).toEqual([]);
  clock = new Date('2027-03-02T02:00:03.000Z');
  expect(await runDue(engine)).toMatchObject([
    { number: 1, due: '2027-03-02T02:00:00.000Z', missed: 0, state: 'succeeded', jobs: [expect.any(String)] },
  ]);
  expect(await runDue(engine)).toEqual([]);

  // The machine slept.
  clock = new Date('2027-03-06T09:00:00.000Z');
  expect(await client.schedules.get({ name: 'nightly' })).toMatchObject({
    missed: { count: 4, latest: '2027-03-06T02:00:00.000Z' },
  });
  const [caughtUp, ...none] = await runDue(engine);
  expect([caughtUp, none]).toMatchObject([{ number: 2, missed: 3, state: 'unchanged' }, []]);
  const snapshots = await client.snapshots.list({});
  expect(snapshots.filter(({ unchanged }) => !unchanged)).toHaveLength(1);

  // The clock is set back: what was run by the later clock is not run again.
  clock = new Date('2027-03-06T01:30:00.000Z');
  expect(await runDue(engine)).toEqual([]);
  clock = new Date('2027-03-06T02:10:00.000Z');
  expect(await runDue(engine)).toEqual([]);
  clock = new Date('2027-03-07T02:00:00.000Z');
  expect(await runDue(engine)).toMatchObject([{ number: 3, missed: 0 }]);
  expect(await client.schedules.failures()).toEqual([]);
});

it('of two processes one runs it', async () => {
  const [one] = engines as [Engine];
  const other = await open();
  await one.client.schedules.add(nightly());
  clock = new Date('2027-03-02T03:00:00.000Z');
  const runs = (await Promise.all([runDue(one), runDue(other), runDue(one), runDue(other)])).flat();
  expect(runs).toHaveLength(1);
  expect((await other.client.schedules.get({ name: 'nightly' })).runs).toHaveLength(1);
  expect((await one.client.jobs.list({ limit: 10 })).filter(({ kind }) => kind === 'backup')).toHaveLength(1);
});

it('one that is removed while it runs, or while another does, keeps nobody else from running', async () => {
  const [engine] = engines as [Engine];
  const { client } = engine;
  for (const name of ['a', 'b', 'c']) await client.schedules.add(nightly({ name }));
  fault = ({ path }) => (path.endsWith('/acme/export') ? { kind: 'answer', status: 403 } : undefined);
  clock = new Date('2027-03-02T02:00:00.000Z');
  const told: string[] = [];
  for await (const event of await client.schedules.run({ what: 'due' })) {
    if (event.kind === 'waiting') continue;
    told.push(`${event.schedule} ${event.run.state}`);
    if (told.length === 1) for (const name of ['a', 'b']) await client.schedules.remove({ name });
  }
  expect(told).toEqual(['a running', 'a failed', 'c running', 'c failed']);
});

it('what fails is told until it is acknowledged, to the command and to the webhook as well, without a secret', async () => {
  const [engine] = engines as [Engine];
  const { client } = engine;
  const posted: { headers: IncomingMessage['headers']; body: string }[] = [];
  await using hook = await listening(posted);
  const heard = join(folder, 'heard.json');
  const script = join(folder, 'alert.mjs');
  writeFileSync(
    script,
    `import { writeFileSync } from 'node:fs';
     writeFileSync(process.argv[2], JSON.stringify({ args: process.argv.slice(3), env: process.env }));
     console.log('x'.repeat(1e6));
     process.exit(3);`,
  );
  process.env['DRAWBRIDGE_PASSPHRASE'] = 'must-not-be-passed-on';
  const added = await client.schedules.add(
    nightly({
      onFailure: {
        command: { program: process.execPath, args: [script, heard, '$(touch /tmp/x); "quoted"'] },
        webhookUrl: `${hook.url}/token-of-the-webhook`,
      },
    }),
  );
  expect(added.onFailure).toMatchObject({ webhook: true });
  fault = ({ path }) => (path.endsWith('/acme/export') ? { kind: 'answer', status: 403 } : undefined);
  clock = new Date('2027-03-02T02:00:00.000Z');
  const [run] = await runDue(engine);
  delete process.env['DRAWBRIDGE_PASSPHRASE'];
  expect(run).toMatchObject({ state: 'failed', error: { code: 'FORBIDDEN' } });
  expect(run!.alerts[0]).toMatch(/ended with 3\. It said: x+$/);
  expect(run!.alerts[0]!.length).toBeLessThan(2_500);
  expect(run!.alerts[1]).toBe('The webhook was told (200).');

  const told = JSON.parse(readFileSync(heard, 'utf8')) as { args: string[]; env: Record<string, string> };
  expect(told.args).toEqual(['$(touch /tmp/x); "quoted"']);
  expect(told.env).toMatchObject({
    DRAWBRIDGE_SCHEDULE: 'nightly',
    DRAWBRIDGE_STATE: 'failed',
    DRAWBRIDGE_ERROR_CODE: 'FORBIDDEN',
    DRAWBRIDGE_REALMS: 'acme',
  });
  expect(told.env).not.toHaveProperty('DRAWBRIDGE_PASSPHRASE');
  expect(posted).toHaveLength(1);
  expect(JSON.parse(posted[0]!.body)).toMatchObject({
    event: 'schedule-failed',
    schedule: 'nightly',
    environment: 'dev',
    state: 'failed',
    error: { code: 'FORBIDDEN' },
  });

  const later = await open();
  expect(await later.client.schedules.failures()).toMatchObject([
    { schedule: 'nightly', run: { number: 1 } },
  ]);
  const shown = JSON.stringify([
    await later.client.schedules.list(),
    await later.client.schedules.failures(),
    posted,
    told,
  ]);
  expect(shown).not.toContain('must-not-be-passed-on');
  expect(JSON.stringify(await later.client.schedules.list())).not.toContain('token-of-the-webhook');
  expect(shown).not.toContain(sandbox.environment('dev').clientSecret);
  // Who was told of earlier ones only.
  expect(await later.client.schedules.acknowledge({ until: '2027-03-02T01:59:59.999Z' })).toEqual({
    acknowledged: 0,
  });
  expect(await later.client.schedules.acknowledge({ until: run!.startedAt })).toEqual({ acknowledged: 1 });
  expect(await later.client.schedules.failures()).toEqual([]);
  expect(await later.client.schedules.acknowledge({ name: 'nightly' })).toEqual({ acknowledged: 0 });
});

it('a webhook that is not there, or moves, hides neither the failure nor its own address', async () => {
  const [engine] = engines as [Engine];
  await using moved = await listening([], 302);
  for (const [name, webhookUrl, says] of [
    ['gone', 'http://127.0.0.1:9/secret-path', /^The webhook could not be told: ECONNREFUSED\.$/],
    ['moved', `${moved.url}/secret-path`, /^The webhook answered 302: it may not have taken the message\.$/],
  ] as const) {
    await engine.client.schedules.add(
      nightly({ name, realms: ['no-such-realm'], onFailure: { webhookUrl } }),
    );
    clock = new Date(clock.getTime() + 24 * 3600_000);
    const [run] = await runDue(engine);
    expect(run!.state).toBe('failed');
    expect(run!.alerts).toEqual([expect.stringMatching(says)]);
    await engine.client.schedules.remove({ name });
  }
});

it('a run whose process died is told, and not done again', async () => {
  const [engine] = engines as [Engine];
  await engine.client.schedules.add(nightly());
  fault = ({ path }) => (path.endsWith('/acme/export') ? { kind: 'answer', status: 403 } : undefined);
  clock = new Date('2027-03-02T02:00:00.000Z');
  expect(await runDue(engine)).toMatchObject([{ state: 'failed' }]);
  fault = undefined;
  clock = new Date('2027-03-03T02:00:00.000Z');
  // Whoever watches goes away in the middle, as if killed: what it held is never released.
  const events = await engine.client.schedules.run({ what: 'due' });
  expect((await events.next()).value).toMatchObject({ kind: 'begun' });
  // Whoever knows of that does not know how this one ends.
  expect(await engine.client.schedules.acknowledge({})).toEqual({ acknowledged: 1 });
  expect(await (await open()).client.schedules.failures()).toEqual([]);
  clock = new Date(clock.getTime() + 120_000);
  const later = await open();
  expect(await later.client.schedules.failures()).toMatchObject([{ run: { state: 'interrupted' } }]);
  expect(await runDue(later)).toEqual([]);
});

it('a run that is stopped with its host is caught up with', async () => {
  const [engine] = engines as [Engine];
  await engine.client.schedules.add(nightly());
  clock = new Date('2027-03-02T02:00:00.000Z');
  const stop = new AbortController();
  fault = ({ path }) => {
    if (path.endsWith('/acme/export')) stop.abort();
    return undefined;
  };
  const events: ScheduleEvent[] = [];
  for await (const event of await engine.client.schedules.run({ what: 'all' }, { signal: stop.signal }))
    events.push(event);
  fault = undefined;
  expect(events.at(-1)).toMatchObject({ kind: 'ended', run: { state: 'canceled' } });
  expect(await runDue(engine)).toMatchObject([{ number: 2, due: '2027-03-02T02:00:00.000Z' }]);
});

it('one that rests is not run; what passes meanwhile is not caught up with', async () => {
  const [engine] = engines as [Engine];
  const { client } = engine;
  await client.schedules.add(nightly());
  const paused = await client.schedules.pause({ name: 'nightly', paused: true });
  expect(paused).toMatchObject({ paused: true });
  expect(paused).not.toHaveProperty('next');
  clock = new Date('2027-03-05T12:00:00.000Z');
  expect(await runDue(engine)).toEqual([]);
  expect(await client.schedules.upcoming({})).toEqual([]);
  await client.schedules.pause({ name: 'nightly', paused: false });
  expect(await runDue(engine)).toEqual([]);
  clock = new Date('2027-03-06T02:00:00.000Z');
  expect(await runDue(engine)).toMatchObject([{ missed: 0 }]);
});

it('the calendar has missed and coming times of all, in order', async () => {
  const { client } = engines[0]!;
  await client.schedules.add(nightly());
  await client.schedules.add(nightly({ name: 'noon', cron: '0 12 * * *', timeZone: 'Europe/Berlin' }));
  clock = new Date('2027-03-02T12:00:00.000Z');
  const range = { from: '2027-03-01T00:00:00.000Z', to: '2027-03-04T00:00:00.000Z' };
  expect(
    (await client.schedules.upcoming(range)).map(({ schedule, at, state }) => `${at} ${schedule} ${state}`),
  ).toEqual([
    '2027-03-02T02:00:00.000Z nightly missed',
    '2027-03-02T11:00:00.000Z noon missed',
    '2027-03-03T02:00:00.000Z nightly next',
    '2027-03-03T11:00:00.000Z noon next',
  ]);
  expect(await client.schedules.upcoming({ ...range, limit: 1 })).toHaveLength(1);
});

it('after a run it keeps what a rule names, of its own realms only; after one that failed it touches nothing', async () => {
  const [engine] = engines as [Engine];
  const { client } = engine;
  await client.schedules.add(
    nightly({ cron: '0 * * * *', retention: { keepLast: 2, keepSafety: '90d', timeZone: 'UTC' } }),
  );
  await client.schedules.add(nightly({ name: 'other', realms: ['field-ops'], cron: '0 * * * *' }));
  for (let hour = 1; hour <= 4; hour++) {
    clock = new Date(clock.getTime() + 3600_000);
    for (const { state } of await runDue(engine)) expect(state).toBe(hour === 1 ? 'succeeded' : 'unchanged');
  }
  const [newest] = (await client.schedules.get({ name: 'nightly' })).runs;
  expect(newest!.jobs).toHaveLength(2);
  const kept = async (realm: string) => (await client.snapshots.list({ realm })).length;
  expect([await kept('acme'), await kept('field-ops')]).toEqual([2, 4]);
  fault = ({ path }) => (path.endsWith('/acme/export') ? { kind: 'answer', status: 403 } : undefined);
  clock = new Date(clock.getTime() + 3600_000);
  const failed = (await runDue(engine)).find(({ state }) => state === 'failed');
  expect(failed!.jobs).toHaveLength(1);
  expect(await kept('acme')).toBe(2);
});

it('refuses what could never run', async () => {
  const { client } = engines[0]!;
  await client.schedules.add(nightly());
  for (const [input, code] of [
    [nightly(), 'USAGE'],
    [nightly({ name: 'b', cron: '0 2 31 2 *' }), 'USAGE'],
    [nightly({ name: 'b', timeZone: 'Mars/Olympus' }), 'USAGE'],
    [nightly({ name: 'b', environment: 'nowhere' }), 'NOT_FOUND'],
  ] as const)
    await expect(client.schedules.add(input)).rejects.toMatchObject({ code });
  await expect(client.schedules.get({ name: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

async function listening(posted: { headers: IncomingMessage['headers']; body: string }[], status = 200) {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      posted.push({ headers: request.headers, body });
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it('explains an expression before there is a schedule, and refuses what is none', async () => {
  const [{ client }] = engines as [Engine];
  expect(await client.schedules.explain({ cron: '0 2 * * 1-5', timeZone: 'Europe/Berlin' })).toEqual({
    says: 'At 02:00, Monday through Friday',
    next: [
      '2027-03-02T01:00:00.000Z',
      '2027-03-03T01:00:00.000Z',
      '2027-03-04T01:00:00.000Z',
      '2027-03-05T01:00:00.000Z',
      '2027-03-08T01:00:00.000Z',
    ],
  });
  expect((await client.schedules.explain({ cron: '0 0 29 2 *', timeZone: 'UTC' })).next[0]).toBe(
    '2028-02-29T00:00:00.000Z',
  );
  for (const cron of ['0 2 * *', '61 2 * * *', 'tomorrow', '0 0 30 2 *'])
    await expect(client.schedules.explain({ cron, timeZone: 'UTC' })).rejects.toMatchObject({
      code: 'USAGE',
    });
  await expect(
    client.schedules.explain({ cron: '0 2 * * *', timeZone: 'Moon/Tranquility' }),
  ).rejects.toMatchObject({ code: 'USAGE' });
  expect(await client.schedules.list()).toEqual([]);
});

it('tells its jobs while it runs, so that they can be followed', async () => {
  const [{ client }] = engines as [Engine];
  await client.schedules.add(nightly());
  let during: ScheduleRun | undefined;
  fault = ({ path }) => {
    if (path.endsWith('/acme/export'))
      void client.schedules.get({ name: 'nightly' }).then(({ runs }) => (during = runs[0]));
    return undefined;
  };
  let ended: ScheduleRun | undefined;
  for await (const event of await client.schedules.run({ what: 'one', name: 'nightly' }))
    if (event.kind === 'ended') ended = event.run;
  expect(during).toMatchObject({ number: 1, state: 'running', jobs: [expect.any(String)] });
  expect(ended?.jobs).toEqual(during?.jobs);
});

it('is called otherwise and takes other contents; its runs and its webhook go along', async () => {
  const [engine] = engines as [Engine];
  const { client } = engine;
  const posted: { headers: IncomingMessage['headers']; body: string }[] = [];
  await using hook = await listening(posted);
  await client.schedules.add(nightly({ onFailure: { webhookUrl: `${hook.url}/token` } }));
  await client.schedules.add(nightly({ name: 'taken' }));
  clock = new Date('2027-03-02T02:00:00.000Z');
  await runDue(engine);
  await expect(client.schedules.update({ name: 'nightly', newName: 'taken' })).rejects.toMatchObject({
    code: 'USAGE',
    data: { details: { setting: 'name' } },
  });
  const before = await client.schedules.get({ name: 'nightly' });

  const changed = await client.schedules.update({
    name: 'nightly',
    newName: 'weekly',
    sections: ['realm', 'users'],
    credentials: false,
  });
  expect(changed).toEqual({
    ...before,
    name: 'weekly',
    sections: ['realm', 'users'],
    credentials: false,
  });
  expect(changed.runs).toHaveLength(1);
  await expect(client.schedules.get({ name: 'nightly' })).rejects.toMatchObject({ code: 'NOT_FOUND' });

  fault = ({ path }) => (path.endsWith('/acme/export') ? { kind: 'answer', status: 403 } : undefined);
  clock = new Date('2027-03-03T02:00:00.000Z');
  await runDue(engine);
  expect(posted.map(({ body }) => JSON.parse(body))).toMatchObject([{ schedule: 'weekly' }]);

  const whole = await client.schedules.update({ name: 'weekly', sections: null, credentials: true });
  expect(whole).toMatchObject({ credentials: true, onFailure: { webhook: true } });
  expect(whole).not.toHaveProperty('sections');
});

it('keeps its name while it runs, and can be changed otherwise', async () => {
  const [{ client }] = engines as [Engine];
  await client.schedules.add(nightly());
  let meanwhile: Promise<unknown> | undefined;
  fault = ({ path }) => {
    if (path.endsWith('/acme/export'))
      meanwhile ??= Promise.allSettled([
        client.schedules.update({ name: 'nightly', newName: 'weekly' }),
        client.schedules.update({ name: 'nightly', tags: ['meanwhile'] }),
      ]);
    return undefined;
  };
  for await (const _ of await client.schedules.run({ what: 'one', name: 'nightly' }));
  expect(await meanwhile).toMatchObject([
    { reason: { code: 'CATALOG_LOCKED', message: expect.stringContaining('is running') } },
    { status: 'fulfilled' },
  ]);
  expect(await client.schedules.get({ name: 'nightly' })).toMatchObject({
    tags: ['meanwhile'],
    runs: [{ state: 'succeeded' }],
  });
});
