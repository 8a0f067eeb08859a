import type { Database as Connection } from 'better-sqlite3';
import { retentionPolicy, type PruneResult } from '../../contract/retention.ts';
import type { Catalog } from '../../core/catalog/index.ts';
import type { Job } from '../../core/catalog/jobs/job.ts';
import { capture, DEV, spread, user, users } from '../../core/catalog/snapshots/testing/scratch-store.ts';
import { pruneSnapshots } from '../../core/jobs/prune.ts';
import { startJob } from '../../core/jobs/runner.ts';

export const DAY = 86_400_000;
export const POLICY = retentionPolicy.parse({ keepDaily: 4, keepWeekly: 2 });

export async function pruneAsJob(catalog: Catalog): Promise<Job> {
  const { ended } = startJob(
    catalog.jobs,
    { kind: 'prune', title: 'Prune', params: { policy: 'as in the test' } },
    async (job) => {
      const { pruned, error } = await pruneSnapshots(job, catalog, { policy: POLICY });
      return { result: { kind: 'prune', pruned }, ...(error && { error }) };
    },
  );
  return await ended;
}

export function prunedBy(job: Job): PruneResult {
  return (job.result as unknown as { pruned: PruneResult }).pruned;
}

/**
 * A catalog with a month of daily backups of a realm, of which users change from day to day: half of the older ones in the
 * trash, some for longer than the grace period; another realm whose last backup stands on a chain of deleted ones; a plan and a
 * job of long ago.
 *
 * @param clock put on by a day for each backup
 */
export async function fillMonth(catalog: Catalog, clock: { at: number }, size = 1_000): Promise<void> {
  const { jobs, plans, snapshots, keeping } = catalog;
  keeping.change({ trash: '7d', plans: '10d', jobs: '20d' });
  plans.save({
    id: 'plan-of-long-ago',
    createdAt: new Date(clock.at).toISOString(),
    document: { source: { snapshot: 'gone' }, target: {} },
  });
  const old = jobs.create({ kind: 'backup', title: 'Back up acme', params: {} });
  const run = jobs.acquire(old.id);
  run.outcome(run.intent('read', {}), 'done');
  run.finish('succeeded');
  await fillRotated(catalog, clock, 1_500);
  const current = users(size);
  for (let day = 0; day < 30; day++) {
    clock.at += DAY;
    for (let i = 0; i < size / 40; i++) {
      const number = spread(i, 900 + day) % size;
      current[number] = user(number, day);
    }
    const { id } = await capture(snapshots, { users: current });
    if (day === 3) await capture(snapshots, { users: current.slice(500) }, { ...DEV, realm: 'other' });
    if (day % 2 === 0 && day < 20) snapshots.moveToTrash(id);
  }
}

/** Another realm, of which half of the users change from day to day, and only the last backup is kept. */
async function fillRotated({ snapshots }: Catalog, clock: { at: number }, size: number): Promise<void> {
  let current = users(size);
  const ids: string[] = [];
  for (let day = 0; day < 7; day++) {
    clock.at += DAY;
    current = current.map((record, i) => (spread(i, 300 + day) % 2 === 0 ? user(i, day + 1) : record));
    ids.push((await capture(snapshots, { users: current }, { ...DEV, realm: 'rotated' })).id);
  }
  snapshots.moveSomeToTrash(ids.slice(0, -1));
}

/** What a catalog comes to, apart from its jobs. */
export async function stateOf(catalog: Catalog, db: Connection): Promise<unknown> {
  const { snapshots, plans, space } = catalog;
  const report = await snapshots.verify(undefined);
  return {
    damaged: report.damaged,
    snapshots: snapshots.list().map(({ id, root }) => [id, root]),
    trash: space.trashed().map(({ id }) => id),
    chunks: db
      .prepare('SELECT lower(hex(id)), base, base2, depth, writer FROM chunks ORDER BY seq')
      .raw()
      .all(),
    data: db.prepare('SELECT seq, length(sealed) FROM chunk_data ORDER BY seq').raw().all(),
    lists: db.prepare('SELECT lower(hex(root)) FROM chunk_lists ORDER BY seq').pluck().all(),
    plans: plans.list().map(({ id }) => id),
    // The end of a job is stored after the space was given back.
    hasGaps: space.fileSize().free > 64 * 1024,
  };
}
