import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { retentionPolicy, type RetentionPolicyInput } from '../../contract/retention.ts';
import type { Catalog } from '../catalog/index.ts';
import type { JobNotes } from '../catalog/jobs/job.ts';
import type { JobRun } from '../catalog/jobs/job-run.ts';
import { capture, DEV, user, users } from '../catalog/snapshots/testing/scratch-store.ts';
import type { SnapshotAbout } from '../catalog/snapshot-store.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { canonicalRecord } from '../model/canonical.ts';
import type { JsonObject } from '../model/record.ts';
import { freeSpace } from './free-space.ts';
import { judgeSnapshots, pruneSnapshots, type PruneRequest } from './prune.ts';
import { startJob, type JobEnd, type JournalledContext } from './runner.ts';
import { emptyTrash, judgeTrash } from './trash.ts';

const DAY = 86_400_000;
const catalogs = new TestCatalogs();
let time: number;
let catalog: Catalog;
const clock = () => new Date(time);

beforeEach(async () => {
  time = Date.parse('2026-06-01T02:00:00Z');
  catalog = await catalogs.open({ testing: { now: clock } });
});
afterEach(() => catalogs.clear());

let made = 0;
async function taken(about: Partial<SnapshotAbout> = {}): Promise<string> {
  const records = users(20).map((record, i) => (i === 0 ? user(0, ++made) : record));
  return (await capture(catalog.snapshots, { users: records }, { ...DEV, ...about })).id;
}

/** One a day, the newest first. */
async function daily(days: number, about: Partial<SnapshotAbout> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let day = 0; day < days; day++) {
    time += DAY;
    ids.unshift(await taken(about));
  }
  return ids;
}

const request = (policy: RetentionPolicyInput, scope: Omit<PruneRequest, 'policy'> = {}): PruneRequest => ({
  ...scope,
  policy: retentionPolicy.parse(policy),
});

const inJob = async <T>(
  work: (job: JournalledContext) => Promise<T>,
  kind = 'prune',
): Promise<{ value: T | undefined; error: { code: string } | undefined; id: string }> => {
  let value: T | undefined;
  const started = startJob(catalog.jobs, { kind, title: kind, params: {} }, async (job): Promise<JobEnd> => {
    value = await work(job);
    return { result: { kind: 'verify', report: { snapshots: 0, chunks: 0, bytes: 0, damaged: [] } } };
  });
  const { error } = await started.ended;
  return { value, error, id: started.id };
};
const pruned = async (policy: RetentionPolicyInput, scope?: Omit<PruneRequest, 'policy'>) => {
  const { value, error } = await inJob((job) => pruneSnapshots(job, catalog, request(policy, scope)));
  if (!value) throw new Error(JSON.stringify(error));
  return value;
};
const listed = () => catalog.snapshots.list().map(({ id }) => id);
const inTrash = () => catalog.space.trashed().map(({ id }) => id);
const reasonsOf = (id: string, policy: RetentionPolicyInput = { keepLast: 1 }) =>
  judgeSnapshots(catalog, request(policy))
    .groups.flatMap(({ snapshots }) => snapshots)
    .find((one) => one.id === id)!
    .reasons.map(({ rule, by }) => (by === undefined ? rule : `${rule} ${by}`));

function begun(kind: string, params: JsonObject, notes: JobNotes = {}): JobRun {
  const run = catalog.jobs.acquire(catalog.jobs.create({ kind, title: kind, params }).id);
  run.note(notes);
  return run;
}

function applied(plan: string, safetySnapshot: string | null, realm = 'acme'): string {
  const run = begun('apply', { plan }, { applying: { plan, environment: 'dev', realm, safetySnapshot } });
  run.finish('succeeded');
  return run.id;
}

function planned(id: string, source: string, target?: string): void {
  catalog.plans.save({
    id,
    createdAt: clock().toISOString(),
    document: { source: { snapshot: source }, target: { ...(target !== undefined && { snapshot: target }) } },
  });
}

describe('a backup that has what no newer one has', () => {
  const over = async (sections: Partial<Record<'users' | 'credentials', string>>, tags: string[] = []) => {
    const records = Object.fromEntries(
      Object.keys(sections).map((section) => [
        section,
        section === 'users'
          ? users(20)
          : [canonicalRecord('credentials', { username: 'x', type: 'PASSWORD', secretHash: '$2a$x' })],
      ]),
    );
    time += DAY;
    return (await capture(catalog.snapshots, records, { ...DEV, tags })).id;
  };

  it('stays by the same rules, and is not let go unnoticed', async () => {
    const hashes = await over({ users: '', credentials: '' });
    const api = await over({ users: '' });
    const tagged = await over({ users: '' }, ['release']);
    expect(() => judgeSnapshots(catalog, request({ keepTags: ['release'] }))).toThrow(
      expect.objectContaining({
        code: 'RETENTION_REFUSED',
        message: expect.stringMatching(new RegExp(`${hashes} of dev/acme .*credentials`)),
      }),
    );
    const { groups } = judgeSnapshots(catalog, request({ keepLast: 1 }));
    expect(groups[0]!.snapshots).toMatchObject([
      { id: tagged, keep: true, reasons: [{ rule: 'last' }] },
      { id: api, keep: false },
      { id: hashes, keep: true, reasons: [{ rule: 'last', having: ['credentials'] }] },
    ]);
  });
});

describe('pruning', () => {
  it('moves to the trash what no rule keeps, and deletes it when its grace period is over', async () => {
    const ids = await daily(10);
    const first = await pruned({ keepDaily: 3 });
    expect(first.pruned).toMatchObject({ kept: 3, trashed: 7, expired: 0, freed: { snapshots: 0 } });
    expect(listed()).toEqual(ids.slice(0, 3));
    expect(inTrash()).toEqual(ids.slice(3));
    catalog.snapshots.restoreFromTrash(ids[5]!);
    time += 15 * DAY;
    const second = await pruned({ keepDaily: 4 });
    expect(second.pruned).toMatchObject({
      kept: 4,
      trashed: 0,
      expired: 6,
      freed: { snapshots: 6, chunks: expect.any(Number) },
    });
    expect(inTrash()).toEqual([]);
    expect((await catalog.snapshots.verify(undefined)).damaged).toEqual([]);
    const report = [...catalog.jobs.steps(catalog.jobs.list()[1]!.id)].map(({ label, outcome }) => [
      label,
      outcome,
    ]);
    expect(report).toEqual([
      ['Move 7 snapshots to the trash', 'done'],
      ['Free what no snapshot needs', 'done'],
    ]);
  });

  it('is refused where a realm would be left without a backup, and for tags that nothing has', async () => {
    await daily(3, { tags: ['nightly'] });
    await daily(2, { realm: 'other' });
    const refused = (policy: RetentionPolicyInput, scope?: Omit<PruneRequest, 'policy'>) => {
      try {
        return judgeSnapshots(catalog, request(policy, scope));
      } catch (error) {
        return error;
      }
    };
    expect(refused({ keepTags: ['nightly'] })).toMatchObject({
      code: 'RETENTION_REFUSED',
      message: expect.stringContaining('dev/other'),
    });
    expect(refused({ keepLast: 1, keepTags: ['nihgtly'] })).toMatchObject({
      code: 'RETENTION_REFUSED',
      details: { tags: ['nihgtly'] },
    });
    expect(refused({ keepLast: 1 }, { tag: 'nope' })).toMatchObject({ code: 'RETENTION_REFUSED' });
    expect(refused({ keepLast: 1 }, { realm: 'nope' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(refused({ keepLast: 1 }, { environment: 'prod' })).toMatchObject({ code: 'NOT_FOUND' });
    const { error } = await inJob((job) => pruneSnapshots(job, catalog, request({ keepTags: ['nightly'] })));
    expect(error).toMatchObject({ code: 'RETENTION_REFUSED' });
    expect(inTrash()).toEqual([]);
  });

  it('of an empty catalog does nothing', async () => {
    expect((await pruned({ keepLast: 1 })).pruned).toMatchObject({ groups: [], kept: 0, trashed: 0 });
  });

  it('leaves what was pinned meanwhile', async () => {
    const ids = await daily(4);
    const view = judgeSnapshots(catalog, request({ keepLast: 1 }));
    expect(view.trashed).toBe(3);
    catalog.snapshots.setPinned(ids[2]!, true);
    expect(catalog.snapshots.moveSomeToTrash(ids.slice(1))).toBe(2);
    expect(listed()).toEqual([ids[0], ids[2]]);
  });
});

describe('what something counts on stays', () => {
  it('an open plan, as long as plans are kept', async () => {
    const [target] = await daily(1, { purpose: 'target' });
    const [newest, source] = await daily(2);
    planned('plan1', source!, target);
    expect(reasonsOf(source!)).toEqual(['plan plan1']);
    expect(reasonsOf(target!)).toEqual(['plan plan1', 'recent']);
    time += 29 * DAY;
    expect(reasonsOf(target!)).toEqual(['plan plan1']);
    time += 2 * DAY;
    expect(reasonsOf(source!)).toEqual(['unmatched']);
    expect(reasonsOf(target!)).toEqual(['outlived']);
    const { pruned: result } = await pruned({ keepLast: 1 });
    expect(result).toMatchObject({ forgotten: { plans: 1, jobs: 0 }, trashed: 2 });
    expect(catalog.plans.list()).toEqual([]);
    expect(listed()).toEqual([newest]);
  });

  it('jobs that run or were broken off, however they name it', async () => {
    const ids = await daily(8);
    planned('plan2', ids[4]!);
    const latest = await taken({ environment: 'prod' });
    const runs = [
      begun('export-file', { snapshot: ids[1]! }),
      begun('diff', { left: ids[2]!.slice(0, 12), right: 'latest:prod/acme' }),
      begun('archive', { snapshots: [ids[3]!] }),
      begun('apply', { plan: 'plan2' }),
    ];
    for (const [at, run] of runs.entries()) {
      expect(reasonsOf(ids[at + 1]!)).toContain(`job ${run.id}`);
      if (at % 2 === 0) run.release();
    }
    expect(reasonsOf(latest)).toContain(`job ${runs[1]!.id}`);
    expect(reasonsOf(ids[1]!)).toEqual([`job ${runs[0]!.id}`]);
    for (const run of runs.filter((_run, at) => at % 2 === 1)) run.finish('succeeded');
    expect(reasonsOf(ids[2]!)).toEqual(['unmatched']);
  });

  it('the snapshot with which the last job on a realm is undone, for good; earlier ones for a while', async () => {
    const [first] = await daily(1, { purpose: 'safety' });
    planned('plan3', first!);
    const early = applied('plan3', first!);
    const [second] = await daily(1, { purpose: 'safety' });
    planned('plan4', second!);
    const late = applied('plan4', second!);
    await daily(1);
    for (const [plan, job] of [
      ['plan3', early],
      ['plan4', late],
    ] as const)
      catalog.plans.markApplied(plan, job);
    expect(reasonsOf(first!)).toEqual(['safety']);
    expect(reasonsOf(second!)).toEqual([`rollback ${late}`, 'safety']);
    expect(reasonsOf(first!, { keepLast: 1, keepSafety: '1d' })).toEqual(['outlived']);
    time += 5 * 365 * DAY;
    expect(reasonsOf(first!)).toEqual(['outlived']);
    expect(reasonsOf(second!)).toEqual([`rollback ${late}`]);

    // The jobs go with what they could be undone with; the last one stays.
    expect((await pruned({ keepLast: 1 })).pruned.forgotten).toEqual({ plans: 0, jobs: 0 });
    time += 20 * DAY;
    expect((await pruned({ keepLast: 1 })).pruned).toMatchObject({ expired: 1, forgotten: { jobs: 0 } });
    expect((await pruned({ keepLast: 1 })).pruned.forgotten).toEqual({ plans: 1, jobs: 1 });
    expect(catalog.jobs.get(late).id).toBe(late);
    expect(catalog.plans.list().map(({ id }) => id)).toEqual(['plan4']);
    catalog.jobs.note(late, { undoneBy: 'another' });
    expect(reasonsOf(second!)).toEqual(['outlived']);
  });

  it('also in the trash', async () => {
    const ids = await daily(3);
    planned('plan5', ids[1]!);
    const until = new Date(clock().getTime() + 30 * DAY).toISOString();
    for (const id of ids.slice(1)) catalog.snapshots.moveToTrash(id);
    expect(judgeTrash(catalog, { olderThan: '0d' })).toMatchObject({
      goes: 1,
      needsConfirmation: true,
      snapshots: [
        { id: ids[1], goes: false, reasons: [{ rule: 'plan', by: 'plan5', until }] },
        { id: ids[2], goes: true, reasons: [] },
      ],
    });
  });
});

describe('jobs and plans of long ago', () => {
  it('are forgotten with their journals; not those that did not end, or that know new ids', async () => {
    const keep = begun('seed', {});
    keep.outcome(
      keep.intent('clients 1', {}),
      'done',
      {},
      {
        issued: [{ section: 'clients', key: 'app', issued: 'client-1' }],
      },
    );
    keep.finish('succeeded');
    const queued = catalog.jobs.create({ kind: 'backup', title: 'b', params: {} });
    const broken = begun('backup', {});
    broken.release();
    const old = begun('backup', {});
    old.outcome(old.intent('read', {}), 'done');
    old.addFailures([{ section: 'users', key: 'u', reason: 'r' }]);
    old.finish('succeeded_with_errors');
    // A plan that a failed job carried out in part stays open, and is needed to undo it.
    const [safety] = await daily(1, { purpose: 'safety' });
    planned('plan6', safety!);
    const failed = begun(
      'apply',
      { plan: 'plan6' },
      {
        applying: { plan: 'plan6', environment: 'dev', realm: 'acme', safetySnapshot: safety! },
      },
    );
    failed.intent('users 1–500', { direct: true });
    failed.finish('failed');
    await daily(1);
    time += 366 * DAY;
    expect((await pruned({ keepLast: 1 })).pruned.forgotten).toEqual({ plans: 0, jobs: 2 });
    const left = catalog.jobs.list().map(({ id }) => id);
    expect(left).toEqual(expect.arrayContaining([keep.id, queued.id, failed.id]));
    expect(left).not.toContain(old.id);
    expect(left).not.toContain(broken.id);
    expect(catalog.plans.get('plan6').id).toBe('plan6');
    catalog.checkIntegrity();
  });
});

describe('the trash', () => {
  const emptied = async (olderThan?: string, confirm?: number) =>
    await inJob((job) =>
      emptyTrash(job, catalog, {
        ...(olderThan !== undefined && { olderThan }),
        ...(confirm !== undefined && { confirm }),
      }),
    );

  it('is emptied after the grace period, before it only when their number is confirmed', async () => {
    const ids = await daily(4);
    catalog.snapshots.moveToTrash(ids[3]!);
    time += 15 * DAY;
    catalog.snapshots.moveToTrash(ids[2]!);
    expect((await emptied()).value!.freed).toMatchObject({ snapshots: 1 });
    expect(inTrash()).toEqual([ids[2]]);
    expect((await emptied('0d')).error).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
    expect((await emptied('0d', 3)).error).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
    expect(inTrash()).toEqual([ids[2]]);
    expect((await emptied('0d', 1)).value!.freed).toMatchObject({ snapshots: 1 });
    expect(inTrash()).toEqual([]);
  });

  it('goes by the time that was set', async () => {
    const ids = await daily(2);
    catalog.snapshots.moveToTrash(ids[1]!);
    catalog.keeping.change({ trash: '2d' });
    time += 2 * DAY;
    expect(judgeTrash(catalog, {})).toMatchObject({ goes: 1, needsConfirmation: false, grace: '2d' });
    catalog.keeping.change({ trash: '1m' });
    expect(judgeTrash(catalog, {})).toMatchObject({ goes: 0 });
    expect(catalog.keeping.get()).toEqual({ trash: '1m', plans: '30d', jobs: '1y' });
  });

  it('does not lose what came there by a clock that was ahead, unless all is to go', async () => {
    const ids = await daily(2);
    time += 400 * DAY;
    catalog.snapshots.moveToTrash(ids[1]!);
    time -= 400 * DAY;
    expect(judgeTrash(catalog, {})).toMatchObject({ goes: 0 });
    expect(judgeTrash(catalog, { olderThan: '0d' })).toMatchObject({ goes: 1, needsConfirmation: true });
  });
});

describe('beside other jobs', () => {
  const free = (job: JournalledContext, patience?: number) =>
    freeSpace(job, catalog, () => inTrash(), patience);

  it('nothing is deleted while one runs; what is left is told, and freed the next time', async () => {
    const ids = await daily(3);
    catalog.snapshots.moveToTrash(ids[2]!);
    const other = begun('backup', {});
    const waited = await inJob((job) => free(job, 300));
    expect(waited.value!.freed).toMatchObject({
      snapshots: 0,
      chunks: 0,
      pending: expect.stringContaining(other.id),
    });
    other.finish('succeeded');
    expect((await inJob((job) => free(job))).value!.freed).toMatchObject({ snapshots: 1 });
  });

  it('waits for one to end, and goes on', async () => {
    const ids = await daily(3);
    catalog.snapshots.moveToTrash(ids[2]!);
    const other = begun('backup', {});
    setTimeout(() => other.finish('succeeded'), 400);
    expect((await inJob((job) => free(job))).value!.freed).toMatchObject({ snapshots: 1 });
  });

  it('ends although one job after the other comes between', async () => {
    const ids = await daily(3);
    catalog.snapshots.moveToTrash(ids[2]!);
    const { value } = await inJob(async (job) => {
      // A job is started and has ended whenever it is asked what to delete.
      return await freeSpace(job, catalog, () => {
        begun('backup', {}).finish('succeeded');
        return inTrash();
      });
    });
    expect(value!.freed).toMatchObject({ snapshots: 0, pending: expect.stringContaining('came between') });
    expect((await inJob((job) => free(job))).value!.freed).toMatchObject({ snapshots: 1 });
  });

  it('two that free space do not wait for each other', async () => {
    const ids = await daily(3);
    catalog.snapshots.moveToTrash(ids[2]!);
    const [one, two] = await Promise.all([inJob((job) => free(job)), inJob((job) => free(job))]);
    const freed = [one.value!.freed, two.value!.freed];
    expect(freed.reduce((sum, { snapshots }) => sum + snapshots, 0)).toBe(1);
    expect(freed.filter(({ pending }) => pending !== undefined)).toHaveLength(1);
  });

  it('a journal that cannot be written to leaves nobody waiting for what it would have freed', async () => {
    const ids = await daily(3);
    catalog.snapshots.moveToTrash(ids[2]!);
    const { error } = await inJob((job) =>
      free({
        ...job,
        intent: () => {
          throw new AppError('DISK_FULL', 'There is no room.');
        },
      }),
    );
    expect(error).toMatchObject({ code: 'DISK_FULL' });
    const { freed } = (await inJob((job) => free(job))).value!;
    expect(freed).toMatchObject({ snapshots: 1 });
    expect(freed.pending).toBeUndefined();
  });

  it('backups in other connections meanwhile all end well, and so does what they share', async () => {
    let current = users(3000);
    const history: (typeof current)[] = [];
    for (let day = 0; day < 12; day++) {
      time += DAY;
      current = current.map((record, i) => (i % 60 === day ? user(i, day + 1) : record));
      history.push(current);
      await capture(catalog.snapshots, { users: current });
    }
    catalog.snapshots.moveSomeToTrash(listed().slice(1));
    const elsewhere = await catalogs.open({ dir: catalog.dir, create: false, testing: { now: clock } });
    const backUp = (records: typeof current) => {
      const { ended } = startJob(elsewhere.jobs, { kind: 'backup', title: 'b', params: {} }, async () => {
        await capture(elsewhere.snapshots, { users: records }, { ...DEV, realm: 'copy' });
        return { result: { kind: 'backup', snapshots: [] } };
      });
      return ended;
    };
    const freeing = inJob((job) => free(job));
    const ends = [];
    for (const records of history) {
      ends.push((await backUp(records)).state);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(new Set(ends)).toEqual(new Set(['succeeded']));
    expect((await freeing).value!.freed).toMatchObject({ snapshots: 11 });
    expect(catalog.space.hasUnneeded()).toBe(false);
    expect(await catalog.snapshots.verify(undefined)).toMatchObject({ snapshots: 13, damaged: [] });
  });
});

it('frees nothing while a list is damaged, says so, and has done the rest', async () => {
  const ids = await daily(4);
  catalog.snapshots.moveToTrash(ids[3]!);
  time += 15 * DAY;
  const db = new Database(join(catalog.dir, 'catalog.db'));
  db.exec(`UPDATE chunk_lists SET pages = zeroblob(60) WHERE seq = (SELECT max(seq) FROM chunk_lists)`);
  const count = () => db.prepare('SELECT count(*) FROM chunks').pluck().get();
  const before = count();
  const { pruned: result, error } = await pruned({ keepLast: 2 });
  expect(error).toMatchObject({ code: 'CATALOG_DAMAGED' });
  expect(result).toMatchObject({
    trashed: 1,
    freed: { snapshots: 1, chunks: 0, pending: expect.stringContaining('cannot be known') },
  });
  expect(count()).toBe(before);
  db.close();
});
