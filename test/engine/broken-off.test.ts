import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isUserImport, planCopy } from './copied-realm.ts';
import { ended, lastView, startLine, type Line } from './line.ts';

// 1,700 users are four batches: enough to be stopped between them.
const USERS = 1700;
let line: Line;
let realm: string;
let realms = 0;

beforeAll(async () => {
  line = await startLine(USERS);
  await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
}, 180_000);
afterAll(() => line.close());
beforeEach(() => {
  realm = `copy-${++realms}`;
  line.fault = undefined;
});

/** A new plan over what a broken-off import left, applied without any fault, must come to what an undisturbed one gives. */
async function finish(client = line.client): Promise<void> {
  line.fault = undefined;
  const plan = await line.plan({
    source: 'latest:dev/acme',
    environment: 'prod',
    policy: {
      realm: 'merge',
      users: 'merge',
      realmName: realm,
      clients: 'skip',
      unsupported: 'skip',
      conflicts: 'skip',
    },
  });
  const { id } = await client.jobs.start({ kind: 'apply', plan: plan.plan });
  const { result } = ended<'apply'>(await lastView(client, id));
  expect(result!.result).toMatchObject({ verified: true });
  expect(await line.users('prod', realm)).toEqual(await line.users('dev', 'acme'));
}

describe('an import that is canceled', () => {
  it('stops at the next batch, says what was done, and leaves a journal without gaps', async () => {
    const plan = await planCopy(line, realm);
    let batches = 0;
    let job = '';
    line.fault = async (request) => {
      if (isUserImport(request) && ++batches === 2) await line.client.jobs.cancel({ job });
      return undefined;
    };
    job = (await line.client.jobs.start({ kind: 'apply', plan })).id;
    const { view, error } = ended<'apply'>(await lastView(line.client, job));
    // There was no realm to take a snapshot of.
    expect(view).toMatchObject({ state: 'canceled', begun: true });
    expect(view.safetySnapshot).toBeUndefined();
    expect(error!.message).toMatch(
      /[\d,]+ of [\d,]+ items w(?:as|ere) handled before the step in which it stopped/,
    );
    // Of the step itself some may have been.
    expect(error!.notChanged).toMatch(/before that step were handled; no item after that step was written/);
    expect(batches).toBeLessThan(4);
    const { steps } = await line.client.jobs.report({ job });
    expect(steps.map(({ seq }) => seq)).toEqual(steps.map((_, index) => index + 1));
    const written = await line.users('prod', realm);
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThan(USERS);
    await finish();
  });
});

describe('a network that fails', () => {
  it('writes no user twice and loses none when answers are lost', async () => {
    const plan = await planCopy(line, realm);
    let calls = 0;
    line.fault = (request) =>
      isUserImport(request) && ++calls % 2 === 1 ? { kind: 'loseAnswer' } : undefined;
    const result = await line.apply(plan);
    expect(result).toMatchObject({ verified: true, failures: 0 });
    expect(result.counts.retries).toBeGreaterThan(0);
    expect(await line.users('prod', realm)).toEqual(await line.users('dev', 'acme'));
  });

  it('waits as the server asks, and counts it', async () => {
    const plan = await planCopy(line, realm);
    let refusals = 2;
    line.fault = (request) =>
      isUserImport(request) && refusals-- > 0
        ? { kind: 'answer', status: 429, headers: { 'retry-after': '0' }, body: '{}' }
        : undefined;
    const result = await line.apply(plan);
    expect(result).toMatchObject({ verified: true });
    expect(result.counts.retries).toBeGreaterThanOrEqual(2);
  });

  it('stops with the truth when the server stays away, and a new plan shows what is left', async () => {
    const plan = await planCopy(line, realm);
    let calls = 0;
    line.fault = (request) => (isUserImport(request) && ++calls > 2 ? { kind: 'refuse' } : undefined);
    const { view, error } = await line.run({ kind: 'apply', plan });
    expect(view.state).toBe('failed');
    expect(error!.message).toMatch(
      /[\d,]+ of [\d,]+ items w(?:as|ere) handled before the step in which it stopped/,
    );
    expect(error!.remedy).toContain('A new plan shows what is left');
    await finish();
  });

  it('does not call an import done that it could not verify', async () => {
    const plan = await planCopy(line, realm);
    let written = false;
    line.fault = (request) => {
      if (isUserImport(request)) written = true;
      return written && request.path.endsWith('/export')
        ? { kind: 'answer', status: 500, body: '{}' }
        : undefined;
    };
    const { view, error } = await line.run({ kind: 'apply', plan });
    expect(view.state).toBe('failed');
    expect(error).toMatchObject({
      code: 'VERIFICATION_FAILED',
      notChanged: 'The import was not undone.',
    });
  });

  it('finds what a server silently did not do', async () => {
    const plan = await planCopy(line, realm);
    let calls = 0;
    line.fault = (request) =>
      isUserImport(request) && ++calls === 2
        ? { kind: 'answer', status: 200, body: '{"users":{"created":500,"updated":0,"skipped":0}}' }
        : undefined;
    const { view, result, error } = await line.run({ kind: 'apply', plan });
    expect(view.state).toBe('failed');
    expect(error).toMatchObject({ code: 'VERIFICATION_FAILED' });
    expect(result!.result).toMatchObject({ verified: false, deviationCount: 500 });
    expect(result!.result.deviations[0]).toMatchObject({ section: 'users', kind: 'missing' });
    await finish();
  });
});

describe('a process that is killed', () => {
  it('leaves a job that is found interrupted, and an import that can be finished', async () => {
    const plan = await planCopy(line, realm);
    let batches = 0;
    let reached: () => void = () => {};
    const inTheMiddle = new Promise<void>((resolve) => {
      reached = resolve;
    });
    line.fault = async (request) => {
      if (!isUserImport(request) || ++batches < 2) return undefined;
      reached();
      return { kind: 'refuse', delayMilliseconds: 2000 };
    };
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'apply-process.ts'), line.catalogDir, plan],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await inTheMiddle;
    child.kill('SIGKILL');
    await once(child, 'exit');

    const [newest] = await line.client.jobs.list({ limit: 1 });
    // Nobody can tell a dead process from a slow one until its lease has run out, 30 seconds after its last heartbeat.
    expect(await line.client.jobs.get({ job: newest!.id })).toMatchObject({ state: 'running' });
    const again = await line.run({ kind: 'apply', plan });
    expect(again.error).toMatchObject({ code: 'CATALOG_LOCKED' });
    const later = await line.reopen(31_000);
    expect(await later.client.jobs.get({ job: newest!.id })).toMatchObject({ state: 'interrupted' });
    const { steps } = await later.client.jobs.report({ job: newest!.id });
    expect(steps.at(-1)).toMatchObject({ outcome: 'unknown' });
    await finish(later.client);
    await later.close();
  });
});
