import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../../core/engine/index.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { isUserImport, planCopy } from './copied-realm.ts';
import { keys, lastView, startLine, type Line } from './line.ts';

/** 1,300 users are three batches. */
const USERS = 1300;
let line: Line;
let prod: EnvironmentHandle;
let realm: string;
let realms = 0;

beforeAll(async () => {
  line = await startLine(USERS);
  prod = line.sandbox.environment('prod');
  await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
}, 180_000);
afterAll(() => line.close());
beforeEach(() => {
  realm = `copy-${++realms}`;
  line.fault = undefined;
});

/** An import whose server goes away after the first batch of users. */
async function brokenOff(): Promise<string> {
  const plan = await planCopy(line, realm);
  let calls = 0;
  line.fault = (request) => (isUserImport(request) && ++calls > 1 ? { kind: 'refuse' } : undefined);
  const { view, error } = await line.run({ kind: 'apply', plan });
  expect(view).toMatchObject({ state: 'failed', resumable: true, attempts: 1 });
  expect(error!.remedy).toContain(`drawbridge job resume ${view.id}`);
  line.fault = undefined;
  return view.id;
}

async function resume(job: string) {
  await line.client.jobs.resume({ job });
  return await lastView(line.client, job);
}

const refusal = (job: string) => line.client.jobs.resume({ job }).catch((error: unknown) => error);
const written = async () => await line.users('prod', realm);

describe('an import that a network broke off', () => {
  it('goes on under its own id, sends nothing twice, and can be undone as a whole', async () => {
    const job = await brokenOff();
    const first = await line.client.jobs.get({ job });
    let sent = 0;
    line.fault = (request) => {
      if (isUserImport(request)) sent++;
      return undefined;
    };
    const view = await resume(job);
    expect(view).toMatchObject({ state: 'succeeded', attempts: 2, resumable: false });
    expect(view.error).toBeUndefined();
    expect(view.result).toMatchObject({ result: { verified: true, failures: 0 } });
    expect(sent).toBe(2);
    expect(view.safetySnapshot).toBe(first.safetySnapshot);
    expect(await written()).toEqual(await line.users('dev', 'acme'));
    const { steps } = await line.client.jobs.report({ job });
    expect(steps.map(({ seq }) => seq)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
  });

  it('does not go on when somebody else has changed a record, and names it', async () => {
    const job = await brokenOff();
    const { username } = (await written())[0]!;
    const [{ name }] = (await prod.query<{ name: string | null }>(
      'user',
      'SELECT last_name AS name FROM users WHERE realm_name = $1 AND username = $2',
      [realm, username],
    )) as [{ name: string | null }];
    const setName = async (value: string | null) =>
      await prod.query('user', 'UPDATE users SET last_name = $3 WHERE realm_name = $1 AND username = $2', [
        realm,
        username,
        value,
      ]);
    await setName('Meanwhile');
    const view = await resume(job);
    expect(view).toMatchObject({
      state: 'failed',
      error: { code: 'TARGET_CHANGED', details: { records: [{ section: 'users', key: username }] } },
    });
    expect(view.error!.message).toContain(`and not by that job: users/${username}.`);
    expect(await written()).toHaveLength(500);
    await setName(name);
    expect(await resume(job)).toMatchObject({ state: 'succeeded', attempts: 3 });
  });

  it('does not go on by an older copy of the catalog, and says so', async () => {
    const job = await brokenOff();
    const copy = mkdtempSync(join(tmpdir(), 'drawbridge-older-'));
    cpSync(line.catalogDir, copy, { recursive: true });
    expect(await resume(job)).toMatchObject({ state: 'succeeded', attempts: 2 });
    const older = await openEngine({ catalogDir: copy, keys });
    try {
      await older.client.jobs.resume({ job });
      const { error } = await lastView(older.client, job);
      expect(error).toMatchObject({
        code: 'TARGET_CHANGED',
        message: expect.stringContaining('may be an older copy'),
      });
      expect(error!.details['ahead']).toBe(error!.details['count']);
    } finally {
      await older.close();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('does not go on against another address, or without its environment', async () => {
    const job = await brokenOff();
    const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = prod;
    const api = { apiUrl, authUrl, gatewayUrl, clientId, clientSecret };
    await line.client.environments.remove({ name: 'prod' });
    expect(await refusal(job)).toMatchObject({
      code: 'NOT_FOUND',
      message: `The environment “prod” of job ${job} was removed.`,
    });
    const elsewhere = line.sandbox.environment('dev');
    await line.client.environments.add({
      name: 'prod',
      stage: 'production',
      api: {
        ...api,
        apiUrl: elsewhere.apiUrl,
        authUrl: elsewhere.authUrl,
        clientSecret: elsewhere.clientSecret,
      },
    });
    expect((await resume(job)).error).toMatchObject({
      code: 'TARGET_CHANGED',
      message: expect.stringContaining(`had another address when job ${job} was broken off: ${apiUrl}`),
    });
    await line.client.environments.remove({ name: 'prod' });
    await line.client.environments.add({ name: 'prod', stage: 'production', api });
    expect(await resume(job)).toMatchObject({ state: 'succeeded' });
  });

  it('is gone on with by one of two who want to', async () => {
    const job = await brokenOff();
    const other = await line.reopen(0);
    try {
      const both = await Promise.allSettled([
        line.client.jobs.resume({ job }),
        other.client.jobs.resume({ job }),
      ]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'CATALOG_LOCKED' },
      });
      expect(await lastView(line.client, job)).toMatchObject({ state: 'succeeded', attempts: 2 });
    } finally {
      await other.close();
    }
  });
});

describe('a job that cannot be gone on with', () => {
  it('says why', async () => {
    const plan = await planCopy(line, realm);
    const { view } = await line.run({ kind: 'apply', plan });
    expect(await refusal(view.id)).toMatchObject({
      code: 'USAGE',
      message: `Job ${view.id} has ended (succeeded): there is nothing left to go on with.`,
    });
    const blocked = await line.run({ kind: 'apply', plan });
    expect(await refusal(blocked.view.id)).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('before it had begun anything'),
    });
  });
});

describe('a job of another process', () => {
  it('is canceled from here, cannot be resumed while it runs, and then goes on', async () => {
    const plan = await planCopy(line, realm);
    const other = await line.reopen(0);
    try {
      let calls = 0;
      let reached = (): void => {};
      const inTheMiddle = new Promise<void>((resolve) => (reached = resolve));
      line.fault = async (request) => {
        if (!isUserImport(request) || ++calls !== 2) return undefined;
        reached();
        // Its heartbeat hears of it meanwhile.
        return await new Promise((resolve) => setTimeout(() => resolve(undefined), 1500));
      };
      const { id: job } = await other.client.jobs.start({ kind: 'apply', plan });
      await inTheMiddle;
      expect(await refusal(job)).toMatchObject({ code: 'CATALOG_LOCKED' });
      expect(await line.client.jobs.cancel({ job })).toMatchObject({ state: 'canceling' });
      const canceled = await lastView(line.client, job);
      expect(canceled).toMatchObject({ state: 'canceled', resumable: true });
      expect(canceled.error!.message).toMatch(
        /[\d,]+ of [\d,]+ items w(?:as|ere) handled before the step in which it stopped/,
      );
      line.fault = undefined;
      expect(await resume(job)).toMatchObject({ state: 'succeeded' });
      expect(await written()).toEqual(await line.users('dev', 'acme'));
    } finally {
      await other.close();
    }
  });
});
