import { afterEach, expect, it } from 'vitest';
import type { Catalog } from '../catalog/index.ts';
import type { JobRun } from '../catalog/jobs/job-run.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import type { Connector } from '../connectors/connector.ts';
import { watchRealm, type RealmWatch } from './realm-watch.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

const PLACES = [
  { place: 'opengate_user', services: ['user'] },
  { place: 'opengate_rbac', services: ['rbac'] },
];
/** Nobody is asked: every commit here has its outcome, or is on its way. */
const connector = { commitOutcome: async () => await Promise.resolve('unknown') } as unknown as Connector;

interface Stage {
  readonly run: JobRun;
  readonly watch: RealmWatch;
  readonly commit: (at: 0 | 1) => void;
}

async function stage(realm = 'acme'): Promise<Stage> {
  const catalog: Catalog = await catalogs.open();
  const run = catalog.jobs.acquire(catalog.jobs.create({ kind: 'apply', title: '', params: {} }).id);
  run.note({ applying: { plan: 'p', environment: 'prod', realm: 'acme', safetySnapshot: null } });
  const target = { environment: 'prod', realm };
  return {
    run,
    watch: watchRealm(new AbortController().signal, catalog, connector, target),
    commit(at) {
      const facts = { commit: { ...PLACES[at]!, database: 'd', xid: '1' }, places: PLACES };
      run.outcome(run.intent('commit', { facts }), 'done');
    },
  };
}

/** So that two instants differ. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

it('an import that begins and ends its commits while a realm is looked at casts doubt on it', async () => {
  const { run, watch, commit } = await stage();
  await watch.begin();
  commit(0);
  commit(1);
  run.finish('succeeded');
  expect(await watch.doubt()).toContain(`Job ${run.id} committed to it just then`);
});

it('one that is between its commits does', async () => {
  const { run, watch, commit } = await stage();
  await watch.begin();
  watch.seen();
  commit(0);
  expect(await watch.doubt()).toContain(`Job ${run.id} was just writing to it`);
});

it('one that commits before, or after every database was seen, does not, and none of another realm', async () => {
  const before = await stage();
  before.commit(0);
  before.commit(1);
  before.run.finish('succeeded');
  await moment();
  await before.watch.begin();
  expect(await before.watch.doubt()).toBeUndefined();

  const after = await stage();
  await after.watch.begin();
  after.watch.seen();
  await moment();
  after.commit(0);
  after.commit(1);
  expect(await after.watch.doubt()).toBeUndefined();

  const other = await stage('another');
  await other.watch.begin();
  other.commit(0);
  expect(await other.watch.doubt()).toBeUndefined();
});
