import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { retentionPolicy } from '../../contract/retention.ts';
import { TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { pruneSnapshots } from '../../core/jobs/prune.ts';
import { startJob } from '../../core/jobs/runner.ts';

const catalogs = new TestCatalogs();
afterAll(() => catalogs.clear());

const TIMES = 15;

it('backups of two processes and pruning in a third, all at once: each backup succeeds, and all that is kept is whole', async () => {
  const catalog = await catalogs.open();
  // What goes to the trash is deleted by the same prune.
  catalog.keeping.change({ trash: '0d' });
  const policy = retentionPolicy.parse({ keepLast: 2 });
  const children = ['acme', 'shop'].map((realm) => {
    const script = join(import.meta.dirname, 'backing-up-process.ts');
    const child = spawn(process.execPath, [script, catalog.dir, realm, String(TIMES)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return text(child.stdout);
  });
  let over = false;
  const all = Promise.all(children).finally(() => {
    over = true;
  });
  const prune = async () => {
    const { ended } = startJob(catalog.jobs, { kind: 'prune', title: 'p', params: {} }, async (job) => {
      const { pruned } = await pruneSnapshots(job, catalog, { policy });
      return { result: { kind: 'prune', pruned } };
    });
    const { state, error, result } = await ended;
    expect([state, error]).toEqual(['succeeded', undefined]);
    return (result as unknown as { pruned: { freed: { chunks: number; snapshots: number } } }).pruned.freed;
  };
  let [chunks, snapshots] = [0, 0];
  const add = async () => {
    const freed = await prune();
    chunks += freed.chunks;
    snapshots += freed.snapshots;
  };
  const isOver = () => over;
  while (!isOver()) {
    await add();
    // What the others have said is heard only between turns of the event loop, and a prune that finds nothing needs none.
    await setImmediate();
  }
  for (const said of await all)
    expect(JSON.parse(said)).toEqual(Array.from({ length: TIMES }, () => 'succeeded'));
  await add();
  expect(snapshots).toBe(2 * TIMES - 4);
  expect(chunks).toBeGreaterThan(0);
  expect(catalog.snapshots.list()).toHaveLength(4);
  expect(catalog.space.hasUnneeded()).toBe(false);
  expect(await catalog.snapshots.verify(undefined)).toMatchObject({ snapshots: 4, damaged: [] });
  catalog.checkIntegrity();
}, 120_000);
