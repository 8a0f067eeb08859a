import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import { openCatalog, type Catalog } from '../../core/catalog/index.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { keys, startLine, type Line } from './line.ts';
import { serverState } from './server-state.ts';
import { applyStepped, type Disturb } from './stepped-apply.ts';

const MERGE: PolicyInput = {
  realm: 'merge',
  users: 'merge',
  clients: 'update',
  unsupported: 'skip',
  conflicts: 'skip',
  caseVariants: 'create',
};
const CONFIRMED = { confirm: 'acme', confirmEnvironment: 'prod-postgres' };

let line: Line;
let catalog: Catalog;
let prod: EnvironmentHandle;
const state = () => serverState(prod, 'acme');

beforeAll(async () => {
  line = await startLine(120, { addApis: false });
  for (const environment of ['dev', 'prod']) await line.add(environment, 'postgres');
  await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
  catalog = await openCatalog({ dir: line.catalogDir, keys });
  prod = line.sandbox.environment('prod');
}, 120_000);
afterAll(async () => {
  catalog.close();
  await line.close();
});

async function applyDisturbed(disturb: Disturb) {
  const plan = await line.plan({
    source: 'latest:dev-postgres/acme',
    environment: 'prod-postgres',
    policy: MERGE,
  });
  const job = await applyStepped(catalog, plan.plan, disturb);
  return { plan: plan.plan, job, view: await line.client.jobs.get({ job: job.id }) };
}

/** Ends every connection of ours to the database of a service, as a restart of the server or a firewall would. */
async function cutOff(service: 'user' | 'rbac' | 'client' | 'realm'): Promise<void> {
  const cut = await prod.query(
    service,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'drawbridge'`,
  );
  expect(cut.length).toBeGreaterThan(0);
}

async function rollBack(job: string): Promise<void> {
  const { result } = await line.run({ kind: 'rollback-plan', job });
  const undone = await line.run({ kind: 'apply', plan: result!.plan.plan, ...CONFIRMED });
  expect(undone.result!.result).toMatchObject({ verified: true });
}

describe('an apply over PostgreSQL', () => {
  it('writes nothing when somebody changes the target after it was looked at', async () => {
    let changed: unknown;
    const { job } = await applyDisturbed(async (label, moment) => {
      if (changed !== undefined || moment !== 'before' || !label.startsWith('prepare ')) return;
      await prod.query(
        'user',
        `UPDATE users SET last_name = 'Meanwhile' WHERE realm_name = 'acme' AND last_name IS DISTINCT FROM 'Meanwhile'`,
      );
      changed = await state();
    });
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'TARGET_CHANGED', details: { itemsDone: 0 } },
    });
    expect(job.error!.notChanged).toContain('Nothing was written');
    expect(await state()).toEqual(changed);
  });

  it('writes nothing, and does not say that items were handled, when it is canceled', async () => {
    const before = await state();
    const { job, view } = await applyDisturbed((label, moment, started) => {
      if (moment === 'after' && label.startsWith('users ')) void line.client.jobs.cancel({ job: started.id });
      // Another process cancels: our heartbeat hears of it.
      return moment === 'after' && label.startsWith('users ')
        ? new Promise((resolve) => setTimeout(resolve, 1500))
        : undefined;
    });
    expect(job).toMatchObject({ state: 'canceled', error: { code: 'CANCELED', details: { itemsDone: 0 } } });
    expect(job.error!.notChanged).toContain('Nothing was written');
    expect(`${job.error!.message} ${job.error!.notChanged}`).not.toContain('were handled');
    expect(view.written).toMatchObject({ state: 'nothing' });
    expect(await state()).toEqual(before);
  });

  it('goes to its end when it is canceled between two commits', async () => {
    let commits = 0;
    const { job, view } = await applyDisturbed((label, moment, started) => {
      if (moment !== 'after' || !label.startsWith('commit ') || ++commits !== 1) return;
      started.cancel(new AppError('CANCELED', 'Canceled on request.'));
    });
    expect(commits).toBe(4);
    // It could not be verified any more, but nothing is half done.
    expect(job).toMatchObject({ state: 'canceled', error: { code: 'CANCELED' } });
    expect(job.error!.message).toContain('everything had been written');
    expect(view.written).toMatchObject({ state: 'everything' });
    await rollBack(job.id);
  });

  it('writes nothing when a connection is lost before the first commit', async () => {
    const before = await state();
    const { job } = await applyDisturbed(async (label, moment) => {
      if (moment === 'facts' && label === 'commit opengate_user') await cutOff('rbac');
    });
    expect(job.state).toBe('failed');
    expect(job.error!.notChanged).toContain('Nothing was written');
    expect(await state()).toEqual(before);
  });

  it('says which databases are written when a connection is lost between two commits, and is undone', async () => {
    const before = await state();
    const { job, plan, view } = await applyDisturbed(async (label, moment) => {
      if (moment === 'after' && label === 'commit opengate_user') await cutOff('client');
    });
    expect(job).toMatchObject({ state: 'failed', error: { code: 'HALF_WRITTEN' } });
    expect(job.error!.remedy).toContain(`drawbridge rollback ${job.id}`);
    expect(view.written).toMatchObject({
      state: 'part',
      databases: [
        { place: 'opengate_user', outcome: 'committed' },
        { place: 'opengate_rbac', outcome: 'committed' },
        { place: 'opengate_client', outcome: 'aborted' },
        { place: 'opengate_realm', outcome: 'aborted' },
      ],
    });
    const again = await line.run({ kind: 'apply', plan, ...CONFIRMED });
    expect(again.error).toMatchObject({ code: 'HALF_WRITTEN' });
    await rollBack(job.id);
    expect(await state()).toEqual(before);
    // Now the way is free.
    const next = await line.plan({
      source: 'latest:dev-postgres/acme',
      environment: 'prod-postgres',
      policy: MERGE,
    });
    expect(await line.apply(next.plan)).toMatchObject({ verified: true });
  });
});
