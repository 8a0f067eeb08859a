import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { EngineClient } from '../../core/engine/index.ts';
import { tellFaults } from '../faults/fault-counts.ts';
import { EVERY_CHECKPOINT } from '../faults/killing.ts';
import { ended, lastView, startLine, type Line } from './line.ts';
import { serverState } from './server-state.ts';

const MIRROR: PolicyInput = {
  realm: 'merge',
  users: 'merge',
  clients: 'update',
  extra: 'delete',
  unsupported: 'skip',
  conflicts: 'skip',
  caseVariants: 'create',
};
const CONFIRMED = { confirm: 'acme', confirmEnvironment: 'prod-postgres' };
type State = Awaited<ReturnType<typeof serverState>>;

let line: Line;
let before: State;
/** As it is after a run that nobody disturbed. */
let applied: State;
let plan: string;
let labels: string[];
/** Each killed process leaves a lease behind, which runs out after half a minute: the clock is put on instead of waiting. */
let later = 0;
let kills = 0;

const state = () => serverState(line.sandbox.environment('prod'), 'acme');

beforeAll(async () => {
  line = await startLine(120, { addApis: false });
  for (const environment of ['dev', 'prod']) await line.add(environment, 'postgres');
  before = await state();
  const mirror = { source: 'dev-postgres/acme', environment: 'prod-postgres', policy: MIRROR };
  const undisturbed = await line.plan(mirror);
  const { view } = await line.run({ kind: 'apply', plan: undisturbed.plan, ...CONFIRMED });
  applied = await state();
  labels = (await line.client.jobs.report({ job: view.id })).steps.map(({ label }) => label).slice(1);
  await rollBack(line.client, view.id);
  ({ plan } = await line.plan(mirror));
}, 120_000);
afterAll(async () => {
  await line.close();
  tellFaults('imports over PostgreSQL, at every step', { kills });
});

async function rollBack(client: EngineClient, job: string): Promise<void> {
  const planned = await start<'rollback-plan'>(client, { kind: 'rollback-plan', job });
  const undone = await start<'apply'>(client, {
    kind: 'apply',
    plan: planned.result!.plan.plan,
    ...CONFIRMED,
  });
  expect(undone.result!.result).toMatchObject({ verified: true });
  expect(await state()).toEqual(before);
}

async function start<K extends 'rollback-plan' | 'apply' | 'plan'>(
  client: EngineClient,
  input: Parameters<EngineClient['jobs']['start']>[0],
) {
  const { id } = await client.jobs.start(input);
  return ended<K>(await lastView(client, id));
}

/** Applies the plan in a process that dies at this step; the job as it is found, and an engine that finds it. */
async function killedAt(
  label: string,
  moment: string,
  look: (client: EngineClient, job: JobView) => Promise<void>,
): Promise<void> {
  const script = join(import.meta.dirname, 'doomed-process.ts');
  const child = spawn(process.execPath, [script, line.catalogDir, plan, label, moment, String(later)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  kills++;
  later += 31_000;
  const engine = await line.reopen(later);
  try {
    const [newest] = await engine.client.jobs.list({ limit: 1 });
    expect(newest).toMatchObject({ state: 'interrupted' });
    // Whoever follows it is told what its commits came to.
    await look(engine.client, await lastView(engine.client, newest!.id));
  } finally {
    await engine.close();
  }
  later += 31_000;
}

describe('a process that is killed while it applies over PostgreSQL', () => {
  it('has written nothing at any step before the first commit', async () => {
    const prepared = labels.slice(
      0,
      labels.findIndex((label) => label.startsWith('commit ')),
    );
    expect(prepared.length).toBeGreaterThan(8);
    expect(applied).not.toEqual(before);
    for (const label of EVERY_CHECKPOINT
      ? prepared
      : prepared.filter((_, n) => (prepared.length - 1 - n) % 3 === 0))
      await killedAt(label, 'after', async (client, job) => {
        expect(await state()).toEqual(before);
        const refused = await client.jobs
          .start({ kind: 'rollback-plan', job: job.id })
          .catch((error) => error);
        expect([job.written?.state, refused.code]).toEqual(['nothing', 'USAGE']);
        expect(job.safetySnapshot).toBeDefined();
      });
  }, 120_000);

  it('has written nothing when it dies at the first commit before it is made', async () => {
    const first = labels.find((label) => label.startsWith('commit '))!;
    for (const moment of ['facts', 'before'])
      await killedAt(first, moment, async (_client, job) => {
        expect(await state()).toEqual(before);
        expect(job.written).toMatchObject({ state: 'nothing' });
      });
  });

  it('is found half written between two commits, lets nothing else be applied, and can be undone', async () => {
    const commits = labels.filter((label) => label.startsWith('commit '));
    expect(commits).toHaveLength(4);
    const moments = [
      ...commits.slice(0, 3).map((label) => [label, 'after'] as const),
      [commits[1]!, 'facts'] as const,
      [commits[2]!, 'before'] as const,
    ];
    for (const [label, moment] of moments)
      await killedAt(label, moment, async (client, job) => {
        const now = await state();
        expect(now).not.toEqual(before);
        expect(now).not.toEqual(applied);
        expect(job.written).toMatchObject({ state: 'part' });
        expect(new Set(job.written!.databases.map(({ outcome }) => outcome))).toEqual(
          new Set(['committed', 'aborted']),
        );
        const again = await start<'apply'>(client, { kind: 'apply', plan, ...CONFIRMED });
        const another = await start<'plan'>(client, {
          kind: 'plan',
          source: 'dev-postgres/acme',
          environment: 'prod-postgres',
          policy: MIRROR,
        });
        for (const { error } of [again, another])
          expect(error).toMatchObject({
            code: 'HALF_WRITTEN',
            remedy: expect.stringContaining(`drawbridge rollback ${job.id}`),
          });
        expect(await state()).toEqual(now);
        await rollBack(client, job.id);
        expect((await client.jobs.get({ job: job.id })).undoneBy).toBeDefined();
      });
  }, 120_000);

  it('has written everything when it dies after the last commit', async () => {
    await killedAt(
      labels.findLast((label) => label.startsWith('commit '))!,
      'after',
      async (client, job) => {
        expect(await state()).toEqual(applied);
        expect(job.written).toMatchObject({
          state: 'everything',
          text: 'Everything was written, but not verified.',
        });
        await rollBack(client, job.id);
      },
    );
  });
});
