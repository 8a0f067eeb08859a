import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Catalog } from '../../core/catalog/index.ts';
import { capture, factsOf, user } from '../../core/catalog/snapshots/testing/scratch-store.ts';
import { TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { exportArchive } from '../../core/jobs/export-archive.ts';
import { canonicalRecord } from '../../core/model/canonical.ts';
import { importAsJob, resumeImport } from './archive-import.ts';
import { tellFaults } from './fault-counts.ts';
import { killedAfterTransactions } from './killed-after.ts';
import { EVERY_CHECKPOINT } from './killing.ts';

const catalogs = new TestCatalogs();
const DAYS = 3;
const USERS = 2500;
const LEASES_RUN_OUT = 31_000;

/** The archive. */
let path: string;
/** A catalog that knows none of it. Copies of it have its key: equal roots mean equal bytes. */
let empty: string;
/** What an import comes to that nobody disturbed. */
let undisturbed: Stored[];

/** All of a snapshot that does not differ from one import to the next. */
interface Stored {
  readonly root: string;
  readonly summaries: object;
  readonly archived: object | undefined;
  readonly complete: boolean;
}

const storedIn = ({ snapshots }: Catalog): Stored[] =>
  snapshots
    .list()
    .map(({ root, summaries, archived, complete }) => ({ root, summaries, archived, complete }))
    .toReversed();

beforeAll(async () => {
  const catalog = await catalogs.open();
  const days = [];
  for (let day = 0; day < DAYS; day++) {
    const users = Array.from({ length: USERS }, (_, i) => user(i, i % 50 === day ? day : 0));
    const content = { realm: [canonicalRecord('realm', { name: 'acme' })], users };
    const about = { environment: 'prod', realm: 'acme', purpose: 'backup' } as const;
    days.push(await capture(catalog.snapshots, content, about, factsOf(content)));
  }
  path = join(catalogs.newFolder(), 'archive');
  const context = { signal: new AbortController().signal, progress: () => {} };
  const request = { path, replace: false, kept: {}, credentials: true, keys: 'none' } as const;
  await exportArchive(context, catalog.snapshots, days, request);

  const unfilled = await catalogs.open();
  empty = unfilled.dir;
  unfilled.close();
  const filled = await catalogs.open({ dir: copied() });
  const { state } = await importAsJob(filled, path);
  undisturbed = storedIn(filled);
  if (state !== 'succeeded' || undisturbed.length !== DAYS) throw new Error(`It ended as ${state}.`);
});
afterAll(() => catalogs.clear());

function copied(): string {
  const dir = join(catalogs.newFolder(), 'catalog');
  cpSync(empty, dir, { recursive: true });
  return dir;
}

async function expectWhole(catalog: Catalog): Promise<void> {
  catalog.checkIntegrity();
  expect((await catalog.verify()).damaged).toEqual([]);
}

it('an import that is killed after whichever transaction leaves whole snapshots only, and resumed brings the rest', async () => {
  const left: number[] = [];
  const found: string[] = [];
  const script = join(import.meta.dirname, 'archive-import-process.ts');
  let dir = '';
  const start = (transactions: number) => [script, (dir = copied()), path, String(transactions)] as const;
  const { kills } = await killedAfterTransactions(start, async () => {
    const at = Date.now() + LEASES_RUN_OUT;
    const catalog = await catalogs.open({ dir, create: false, testing: { now: () => new Date(at) } });
    await expectWhole(catalog);
    const some = storedIn(catalog);
    // From the first on, one after the other, each as it is in the end.
    expect(some).toEqual(undisturbed.slice(0, some.length));
    left.push(some.length);
    const job = catalog.jobs.list()[0]!;
    found.push(job.state);
    if (job.state !== 'succeeded') {
      const { state, error } = await resumeImport(catalog, job);
      expect({ state, error }).toEqual({ state: 'succeeded', error: undefined });
    }
    expect(storedIn(catalog)).toEqual(undisturbed);
    await expectWhole(catalog);
    catalog.close();
  });
  tellFaults('archive imports', {
    kills,
    resumed: found.filter((state) => state !== 'succeeded').length,
  });
  // Created and not yet begun; begun; with its end stored.
  expect([...new Set(found)]).toEqual(['queued', 'interrupted', 'succeeded']);
  expect(found.filter((state) => state === 'interrupted').length).toBeGreaterThan(EVERY_CHECKPOINT ? 20 : 4);
  // With none, with some and with all of them stored.
  expect(new Set(left)).toEqual(new Set([0, 1, 2, 3]));
}, 600_000);
