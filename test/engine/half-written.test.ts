import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Engine, EngineClient } from '../../core/engine/index.ts';
import { ended, lastView, startLine, type Line } from './line.ts';

const MERGE: PolicyInput = {
  realm: 'merge',
  users: 'merge',
  clients: 'update',
  unsupported: 'skip',
  conflicts: 'skip',
  caseVariants: 'create',
};

let line: Line;
let plan: string;
let laterEngine: Engine;
let broken: string;

/** An import that is killed when the users are committed, and the rest is not. */
beforeAll(async () => {
  line = await startLine(60, { addApis: false });
  for (const environment of ['dev', 'prod']) await line.add(environment, 'postgres');
  await line.add('prod', 'postgres', { as: 'the-same' });
  ({ plan } = await line.plan({
    source: 'dev-postgres/acme',
    environment: 'prod-postgres',
    policy: MERGE,
  }));
  const script = join(import.meta.dirname, 'doomed-process.ts');
  const { rbac } = line.sandbox.environment('prod').databases;
  const child = spawn(process.execPath, [script, line.catalogDir, plan, `commit ${rbac}`, 'facts', '0'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('It came to its end.');
}, 120_000);
afterAll(async () => {
  await laterEngine?.close();
  await line.close();
});

async function start<K extends 'rollback-plan' | 'apply' | 'plan' | 'backup'>(
  client: EngineClient,
  input: Parameters<EngineClient['jobs']['start']>[0],
) {
  const { id } = await client.jobs.start(input);
  return ended<K>(await lastView(client, id));
}

const backUp = (client: EngineClient, environment = 'prod-postgres') =>
  start<'backup'>(client, { kind: 'backup', environment, realms: ['acme'] });

describe('a realm that is half written', () => {
  it('is, while the killed process still seems to run, neither planned upon nor backed up as whole', async () => {
    const [job] = await line.client.jobs.list({ limit: 1 });
    expect(job).toMatchObject({ state: 'running' });
    broken = job!.id;
    const planned = await start<'plan'>(line.client, {
      kind: 'plan',
      source: 'dev-postgres/acme',
      environment: 'prod-postgres',
      policy: MERGE,
    });
    expect(planned.error).toMatchObject({
      code: 'CATALOG_LOCKED',
      message: `Job ${broken} is just writing to prod-postgres/acme.`,
    });
    const { view, result } = await backUp(line.client);
    expect(view.state).toBe('succeeded_with_errors');
    expect(result?.snapshots).toMatchObject([
      { complete: false, inconsistent: expect.stringContaining(`Job ${broken} was just writing to it`) },
    ]);
  });

  it('shows as that in the list of jobs, and to whoever begins anything, without being asked about', async () => {
    laterEngine = await line.reopen(31_000);
    const written = { state: 'part', environment: 'prod-postgres', realm: 'acme' };
    expect(await laterEngine.client.jobs.halfWritten()).toMatchObject([{ id: broken, written }]);
    const jobs = await laterEngine.client.jobs.list({ limit: 10 });
    expect(jobs.find(({ id }) => id === broken)).toMatchObject({ state: 'interrupted', written });
    // Also where others have come since.
    expect(jobs[0]!.id).not.toBe(broken);
    const interrupted = await laterEngine.client.jobs.list({ limit: 1, states: ['interrupted'] });
    expect(interrupted.map(({ id }) => id)).toEqual([broken]);
  });

  it('is backed up with a warning, and not as a whole', async () => {
    const { view, result } = await backUp(laterEngine.client);
    expect(view.state).toBe('succeeded_with_errors');
    const [snapshot] = result!.snapshots;
    expect(snapshot).toMatchObject({
      complete: false,
      inconsistent: expect.stringMatching(
        new RegExp(`acme is half written: .* is written, .* not\\. .* drawbridge rollback ${broken}\\.$`),
      ),
    });
    const report = await laterEngine.client.jobs.report({ job: view.id });
    expect(report.failures).toMatchObject([{ section: 'realm', key: 'acme' }]);
    await expect(
      laterEngine.client.snapshots.latest({ environment: 'prod-postgres', realm: 'acme' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const copied = await start<'plan'>(laterEngine.client, {
      kind: 'plan',
      source: 'prod-postgres/acme',
      environment: 'dev-postgres',
      policy: MERGE,
    });
    expect(copied.result?.plan.warnings.join()).toContain('prod-postgres/acme is half written');
  });

  it('is so under every name that its installation has', async () => {
    const { error } = await start<'plan'>(laterEngine.client, {
      kind: 'plan',
      source: 'dev-postgres/acme',
      environment: 'the-same',
      policy: MERGE,
    });
    expect(error).toMatchObject({
      code: 'HALF_WRITTEN',
      message: expect.stringContaining('the-same is the same installation.'),
      remedy: expect.stringContaining(`drawbridge rollback ${broken}`),
    });
    const { result } = await backUp(laterEngine.client, 'the-same');
    expect(result?.snapshots[0]?.inconsistent).toContain('half written');
    const elsewhere = await backUp(laterEngine.client, 'dev-postgres');
    expect(elsewhere.result?.snapshots[0]).toMatchObject({ complete: true });
  });

  it('is whole again when that is undone', async () => {
    const planned = await start<'rollback-plan'>(laterEngine.client, { kind: 'rollback-plan', job: broken });
    const undone = await start<'apply'>(laterEngine.client, {
      kind: 'apply',
      plan: planned.result!.plan.plan,
      confirm: 'acme',
      confirmEnvironment: 'prod-postgres',
    });
    expect(undone.result?.result).toMatchObject({ verified: true });
    expect(await laterEngine.client.jobs.halfWritten()).toEqual([]);
    for (const environment of ['prod-postgres', 'the-same'])
      expect((await backUp(laterEngine.client, environment)).result?.snapshots).toMatchObject([
        { complete: true },
      ]);
  });
});
