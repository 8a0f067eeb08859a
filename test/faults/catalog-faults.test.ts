import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { backUpCatalog } from '../../core/catalog/copies/back-up-catalog.ts';
import { moveCatalog } from '../../core/catalog/copies/move-catalog.ts';
import type { Catalog } from '../../core/catalog/index.ts';
import { LEASE_MILLISECONDS } from '../../core/catalog/jobs/leases.ts';
import { repairCatalog } from '../../core/catalog/repair/repair-catalog.ts';
import { CHEAP_SCRYPT, PASSPHRASE, TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { startJob } from '../../core/jobs/runner.ts';
import { captured } from '../cli/captured.ts';
import { tellSkipped } from './fault-counts.ts';
import { smallDisk, type SmallDisk } from './small-disk.ts';
import { keepStoring, storeSnapshot } from './storing.ts';

const catalogs = new TestCatalogs();
const disks: SmallDisk[] = [];
afterEach(() => {
  catalogs.clear();
  for (const disk of disks.splice(0)) disk[Symbol.dispose]();
});

const canMount = (() => {
  using disk = smallDisk('1m');
  return disk !== undefined;
})();
if (!canMount) tellSkipped('a full and a read-only disk', 'this user may not mount a file system');

function disk(size: string): SmallDisk {
  const made = smallDisk(size)!;
  disks.push(made);
  return made;
}

const keys = { passphrase: async () => PASSPHRASE };
const testing = { scrypt: CHEAP_SCRYPT, patience: 300 };

async function run(dir: string, ...words: string[]) {
  const around = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
  const code = await runCommandLine([...words, '--json'], around);
  return { code, json: JSON.parse(around.out()) as { error?: { code: string; remedy: string } } };
}

/** To the last byte that it takes. */
function fillUp(file: string): void {
  for (const size of [1 << 16, 1 << 12, 1])
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size, 1));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
}

async function expectWhole(catalog: Catalog, snapshots: readonly string[]): Promise<void> {
  const { damaged } = await catalog.verify();
  expect(damaged).toEqual([]);
  expect(catalog.snapshots.list().map(({ id }) => id)).toEqual(snapshots.toReversed());
}

describe.skipIf(!canMount)('a disk that is full', () => {
  it('takes back what did not fit, keeps what did, and goes on when there is room', async () => {
    const { path } = disk('4m');
    const ballast = join(path, 'ballast');
    writeFileSync(ballast, Buffer.alloc(1 << 20, 1));
    const dir = join(path, 'catalog');
    const catalog = await catalogs.open({ dir });
    const stored: string[] = [];
    await expect(keepStoring(catalog, stored)).rejects.toMatchObject({
      code: 'DISK_FULL',
      remedy: expect.stringContaining('Free some space'),
    });
    expect(stored.length).toBeGreaterThan(2);
    await expectWhole(catalog, stored);
    // Not even a job can be begun: it would not be journalled.
    const filler = () => {
      for (;;) catalog.jobs.create({ kind: 'backup', title: 'x'.repeat(4000), params: {} });
    };
    expect(filler).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    catalog.close();
    expect(await run(dir, 'snapshot', 'list')).toSatisfy(
      ({ code, json }) => code === 0 || json.error?.code === 'DISK_FULL',
    );

    rmSync(ballast);
    const again = await catalogs.open({ dir, create: false });
    await expectWhole(again, stored);
    stored.push(await storeSnapshot(again));
    await expectWhole(again, stored);
  });

  it('does not keep a job from being shown as failed at once, with what to do', async () => {
    const { path } = disk('4m');
    const dir = join(path, 'catalog');
    const catalog = await catalogs.open({ dir });
    // As another process has it open.
    const other = await catalogs.open({ dir });
    const ballast = join(path, 'ballast');
    const started = startJob(catalog.jobs, { kind: 'backup', title: 'Back up', params: {} }, async () => {
      try {
        return await keepStoring(catalog);
      } finally {
        fillUp(ballast);
      }
    });
    const full = {
      state: 'failed',
      error: { code: 'DISK_FULL', remedy: expect.stringContaining('Free some space') },
    };
    expect(await started.ended).toMatchObject(full);
    expect(other.jobs.get(started.id)).toMatchObject(full);
    expect(other.jobs.underWay()).toEqual([]);

    // With room again, the next job keeps some for its own end.
    rmSync(ballast);
    const next = startJob(catalog.jobs, { kind: 'backup', title: 'Again', params: {} }, async () => {
      try {
        return await keepStoring(catalog);
      } finally {
        fillUp(ballast);
      }
    });
    expect(await next.ended).toMatchObject(full);
    expect(other.jobs.get(next.id)).toMatchObject(full);
  });

  it('does not keep what is stored from being proved and read, and nothing of that from being told', async () => {
    const { path } = disk('8m');
    const dir = join(path, 'catalog');
    const catalog = await catalogs.open({ dir });
    const id = await storeSnapshot(catalog);
    catalog.close();
    const ballast = join(path, 'ballast');
    fillUp(ballast);
    const proved = [
      ['catalog', 'verify'],
      ['snapshot', 'verify'],
      ['snapshot', 'verify', id],
    ];
    for (const words of proved) {
      const around = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
      const code = await runCommandLine([...words, '--json'], around);
      expect([words, code, JSON.parse(around.out())]).toMatchObject([
        words,
        0,
        { snapshots: 1, damaged: [] },
      ]);
      expect(around.err()).toContain('this job is not kept among its jobs');
    }
    const stopped = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
    stopped.interruption.raise('SIGINT');
    expect(await runCommandLine(['catalog', 'verify', '--json'], stopped)).toBe(130);
    expect(JSON.parse(stopped.out())).toMatchObject({ error: { code: 'CANCELED' } });
    expect(await run(dir, 'snapshot', 'show', id)).toMatchObject({ code: 0, json: { snapshot: { id } } });
    // What would change something is refused, for what it is.
    for (const words of [
      ['snapshot', 'tag', id, 'x'],
      ['catalog', 'settings', '--trash', '3d'],
    ])
      expect(await run(dir, ...words)).toMatchObject({ code: 1, json: { error: { code: 'DISK_FULL' } } });

    rmSync(ballast);
    expect(await run(dir, 'job', 'list')).toMatchObject({ code: 0, json: { jobs: [] } });
    // Damage is found as on any other day.
    const db = new Database(join(dir, 'catalog.db'));
    db.exec(`UPDATE snapshots SET labels = zeroblob(50)`);
    db.close();
    fillUp(ballast);
    expect(await run(dir, 'catalog', 'verify')).toMatchObject({ code: 8, json: { damaged: [{}] } });
  });

  it('does not keep a verification from ending as it did, where its end cannot be stored', async () => {
    const { path } = disk('4m');
    const dir = join(path, 'catalog');
    const catalog = await catalogs.open({ dir });
    const spec = { kind: 'verify', title: 'Verify', params: {} };
    const report = { snapshots: 0, chunks: 0, bytes: 0, damaged: [] };
    const started = startJob(
      catalog.jobs,
      spec,
      async () => {
        rmSync(join(dir, 'staging', 'reserve'));
        fillUp(join(path, 'ballast'));
        // So much is in the log already that its next pages need room.
        expect(() => {
          for (;;) catalog.jobs.create({ kind: 'backup', title: 'x'.repeat(4000), params: {} });
        }).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
        // A heartbeat, which comes every second, cannot be stored either.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return { result: { kind: 'verify', report } };
      },
      { evenUnrecorded: true },
    );
    expect(await started.ended).toMatchObject({
      state: 'succeeded',
      unrecorded: true,
      result: { kind: 'verify', report },
    });
  });

  it('leaves no half copy', async () => {
    const small = disk('1m');
    const catalog = await catalogs.open();
    const stored = [await storeSnapshot(catalog, 3000), await storeSnapshot(catalog, 3000)];
    const full = { code: 'DISK_FULL', notChanged: expect.stringContaining('unfinished copy was removed') };
    await expect(backUpCatalog(catalog, join(small.path, 'copy.db'))).rejects.toMatchObject(full);
    expect(readdirSync(small.path)).toEqual([]);
    const { dir } = catalog;
    catalog.close();
    const to = join(small.path, 'moved');
    await expect(moveCatalog({ dir, to, keys, testing })).rejects.toMatchObject(full);
    expect(existsSync(to)).toBe(false);
    const db = new Database(join(dir, 'catalog.db'));
    db.exec(`UPDATE snapshots SET labels = zeroblob(50) WHERE seq = 1`);
    db.close();
    await expect(repairCatalog({ dir, to, keys, testing })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(existsSync(to)).toBe(false);
    const again = await catalogs.open({ dir, create: false });
    expect(again.snapshots.list().map(({ id }) => id)).toEqual([stored[1]]);
  });

  it('keeps the passphrase that there is', async () => {
    const { path } = disk('400k');
    const dir = join(path, 'catalog');
    const catalog = await catalogs.open({ dir });
    writeFileSync(join(path, 'ballast'), Buffer.alloc(80 << 10, 1));
    let changed = PASSPHRASE;
    const changing = async () => {
      for (let i = 0; ; i++) {
        await catalog.keys.setPassphrase(`number ${i}`, { passphrase: changed });
        changed = `number ${i}`;
      }
    };
    await expect(changing()).rejects.toMatchObject({ code: 'DISK_FULL' });
    catalog.close();
    rmSync(join(path, 'ballast'));
    await catalogs.open({ dir, keys: { passphrase: async () => changed } });
  });
});

describe.skipIf(!canMount)('a disk that cannot be written', () => {
  /** A catalog with one snapshot, its disk read-only; with what a killed process left in its log, or at rest. */
  async function readOnlyCatalog(logged: boolean) {
    const small = disk('8m');
    const dir = join(small.path, 'catalog');
    const catalog = await catalogs.open({ dir });
    const id = await storeSnapshot(catalog);
    if (logged) {
      // Who has it open keeps the log from being written back: a copy of the files is what a killed process leaves.
      const killed = join(small.path, 'killed');
      cpSync(dir, killed, { recursive: true });
      catalog.close();
      expect(existsSync(join(killed, 'catalog.db-wal'))).toBe(true);
      rmSync(join(killed, 'catalog.db-shm'));
      small.readOnly();
      return { small, dir: killed, id };
    }
    catalog.close();
    small.readOnly();
    return { small, dir, id };
  }

  const leftBehind = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`drawbridge-read-${process.pid}-`));

  it.each([
    ['at rest', false],
    ['as a killed process left it', true],
  ])('is read (%s), which every command says, and leaves nothing behind', async (_how, logged) => {
    const { dir, id } = await readOnlyCatalog(logged);
    const out = catalogs.newFolder();
    for (const [words, expected] of [
      [['snapshot', 'list'], { snapshots: [{ id }] }],
      [['snapshot', 'show', id], { snapshot: { id } }],
      [['snapshot', 'search', id, 'user-7'], {}],
      [['snapshot', 'verify'], { damaged: [] }],
      [['catalog', 'show'], { catalog: { dir, counts: { snapshots: 1 } } }],
      [['catalog', 'verify'], { damaged: [] }],
      [['catalog', 'stats'], {}],
      [['catalog', 'backup', join(out, 'copy.db')], { backup: { path: join(out, 'copy.db') } }],
      [['env', 'list'], {}],
      [['job', 'list'], { jobs: [] }],
      [['diff', id, id], { equal: true }],
      [['snapshot', 'export', id, '--out', join(out, 'acme.json')], { path: join(out, 'acme.json') }],
      [['snapshot', 'export', id, '--format', 'archive', '--unencrypted', '--out', join(out, 'a')], {}],
    ] as const) {
      const around = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
      const code = await runCommandLine([...words, '--json'], around);
      expect([words, code, JSON.parse(around.out())]).toMatchObject([words, 0, expected]);
      if (words[0] !== 'catalog' || words[1] !== 'show')
        expect([words, around.err()]).toEqual([words, expect.stringContaining('a copy of it is read')]);
    }
    const text = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
    await runCommandLine(['snapshot', 'search', id, 'user-7'], text);
    expect(text.out()).toContain('user-77');
    expect(leftBehind()).toEqual([]);
    // The copy that was made of it is whole.
    const copy = join(out, 'restored');
    mkdirSync(copy);
    renameSync(join(out, 'copy.db'), join(copy, 'catalog.db'));
    await expectWhole(await catalogs.open({ dir: copy }), [id]);
  });

  it('is not written, which whatever would write says, with what to do', async () => {
    const { small, dir, id } = await readOnlyCatalog(false);
    const archive = join(catalogs.newFolder(), 'a.json');
    writeFileSync(archive, '{}');
    for (const words of [
      ['env', 'add', 'dev', '--pg-url', 'postgres://user@127.0.0.1:1/x'],
      ['snapshot', 'tag', id, 'x'],
      ['snapshot', 'delete', id],
      ['snapshot', 'prune', '--keep-last', '1'],
      ['snapshot', 'import', archive],
      ['snapshot', 'pseudonymize', id],
      ['catalog', 'settings', '--trash', '3d'],
      ['catalog', 'move', join(catalogs.newFolder(), 'new')],
      ['schedule', 'run', '--due'],
    ]) {
      const { code, json } = await run(dir, ...words);
      expect([words, code, json.error]).toEqual([
        words,
        1,
        expect.objectContaining({
          code: 'FILE_FAILED',
          message: expect.stringMatching(/cannot be written/),
          remedy: expect.stringContaining('copy them to where they are'),
        }),
      ]);
    }
    expect(leftBehind()).toEqual([]);
    // What that says works.
    const copy = join(catalogs.newFolder(), 'catalog');
    spawnSync('cp', ['-r', dir, copy]);
    expect(await run(copy, 'snapshot', 'tag', id, 'x')).toMatchObject({ code: 0 });
    small.writable();
    await expectWhole(await catalogs.open({ dir }), [id]);
  });
});

describe.skipIf(process.platform === 'win32')('a quota that is used up', () => {
  it('takes back what did not fit, and says where to look', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    const program = fileURLToPath(new URL('./filling-process.ts', import.meta.url));
    // A limit on the size of a file (EFBIG) is told to SQLite as a quota (EDQUOT) is: as a write that failed.
    const { stdout } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 3000; exec "$0" "$@"', process.execPath, program, dir],
      {
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'FILE_FAILED',
      remedy: expect.stringContaining('quota'),
    });
    const catalog = await catalogs.open({ dir, create: false });
    const stored = catalog.snapshots.list().map(({ id }) => id);
    expect(stored.length).toBeGreaterThan(0);
    await expectWhole(catalog, stored.toReversed());
    await storeSnapshot(catalog);
  });
});

describe('a catalog that another program holds', () => {
  it('is waited for, and then said to be busy', async () => {
    const catalog = await catalogs.open();
    const { dir } = catalog;
    catalog.close();
    const other = new Database(join(dir, 'catalog.db'));
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN IMMEDIATE');
    const locked = { code: 'CATALOG_LOCKED', remedy: expect.stringContaining('Wait') };
    await expect(catalogs.open({ dir, testing })).rejects.toMatchObject(locked);
    await expect(repairCatalog({ dir, keys, testing })).rejects.toMatchObject({ code: 'CATALOG_LOCKED' });
    other.exec('COMMIT');
    other.close();
    await catalogs.open({ dir, testing });
  });

  it('can be read while somebody writes', async () => {
    const catalog = await catalogs.open();
    const id = await storeSnapshot(catalog);
    const other = new Database(join(catalog.dir, 'catalog.db'));
    other.exec('BEGIN IMMEDIATE');
    expect(catalog.snapshots.list().map((snapshot) => snapshot.id)).toEqual([id]);
    expect(catalog.snapshots.find(id, 'users', 'user-7')?.key).toBe('user-7');
    other.exec('ROLLBACK');
    other.close();
  });
});

describe('a clock that is set back', () => {
  it('changes neither the order of snapshots nor which is the latest, nor that of jobs', async () => {
    let now = new Date('2026-03-04T05:06:07Z');
    const catalog = await catalogs.open({ testing: { now: () => now } });
    const store = async (at: string) => {
      now = new Date(at);
      const { id } = catalog.jobs.create({ kind: 'backup', title: at, params: {} });
      catalog.jobs.acquire(id).finish('succeeded');
      return storeSnapshot(catalog);
    };
    const ids = [
      await store('2026-03-04T05:06:07Z'),
      await store('2025-01-01T00:00:00Z'),
      await store('2024-06-01T00:00:00Z'),
    ];
    await expectWhole(catalog, ids);
    expect(catalog.snapshots.latest('prod', 'acme')?.id).toBe(ids[2]);
    expect(catalog.jobs.list().map(({ title }) => title.slice(0, 4))).toEqual(['2024', '2025', '2026']);
  });

  it('locks nothing for ever, and lets two never write at once', async () => {
    let now = Date.parse('2026-03-04T05:06:07Z');
    const catalog = await catalogs.open({ testing: { now: () => new Date(now) } });
    const lease = catalog.leases.acquire('realm prod/acme', { kind: 'apply' });
    const acquire = () => catalog.leases.acquire('realm prod/acme', { kind: 'seed' });
    expect(acquire).toThrow(expect.objectContaining({ code: 'CATALOG_LOCKED' }));
    // By less than a lease lasts: it is held, and a little longer.
    now -= LEASE_MILLISECONDS / 2;
    expect(acquire).toThrow(expect.objectContaining({ code: 'CATALOG_LOCKED' }));
    // By a day: nobody can tell how old it is, so it locks nobody out; its holder learns of it before it writes.
    now -= 24 * 3_600_000;
    const other = acquire();
    expect(() => lease.heartbeat()).toThrow(expect.objectContaining({ code: 'CATALOG_LOCKED' }));
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: 'CATALOG_LOCKED' }));
    other.assertHeld();
  });

  it('gives a job no time that it cannot have taken', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    let now = new Date('2026-03-04T05:06:07Z');
    const catalog = await catalogs.open({ dir, testing: { now: () => now } });
    const run_ = catalog.jobs.acquire(catalog.jobs.create({ kind: 'backup', title: 'b', params: {} }).id);
    now = new Date('2026-03-04T04:06:07Z');
    const { id } = run_.finish('succeeded', { result: { kind: 'backup', snapshots: [] } });
    catalog.close();
    const around = captured({ DRAWBRIDGE_CATALOG: dir, DRAWBRIDGE_PASSPHRASE: PASSPHRASE });
    expect(await runCommandLine(['job', 'show', id], around)).toBe(0);
    expect(around.out()).toMatch(/Ended +2026-03-04 04:06:07 UTC\n/);
  });
});
