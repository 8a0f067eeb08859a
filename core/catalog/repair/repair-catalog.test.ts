import Database from 'better-sqlite3';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../../contract/errors.ts';
import type { RepairView } from '../../../contract/maintenance.ts';
import type { Catalog } from '../index.ts';
import type { JsonObject } from '../../model/record.ts';
import { contentsOf, fill, FIXTURES } from '../migrations/make-fixture.ts';
import { PASSPHRASE, TestCatalogs } from '../test-catalog.ts';
import { flipped, placed, random, type CatalogFiles } from '../testing/damaged-copy.ts';
import type { RepairProgress } from './rebuild.ts';
import { repairCatalog, type RepairOptions } from './repair-catalog.ts';

const kept = new TestCatalogs();
const catalogs = new TestCatalogs();
const PAGE = 4096;
let db: Buffer;
let contents: JsonObject;
/** As a killed process leaves a catalog, with everything in the write-ahead log. */
let logged: CatalogFiles & { readonly wal: Buffer; readonly contents: JsonObject };

async function filesOf(catalog: Catalog): Promise<typeof logged> {
  const read = (name: string) => readFileSync(join(catalog.dir, name));
  return { db: read('catalog.db'), wal: read('catalog.db-wal'), contents: await contentsOf(catalog) };
}

beforeAll(async () => {
  const catalog = await kept.open();
  await fill(catalog);
  logged = await filesOf(catalog);
  for (let i = 0; i < 30; i++)
    catalog.environments.add({
      name: `env-${i}`,
      api: { apiUrl: 'https://iam.example', clientId: 'x'.repeat(300), clientSecret: `secret ${i}` },
    });
  for (let i = 0; i < 40; i++) {
    const { id } = catalog.jobs.create({ kind: 'backup', title: `Back up ${i}`, params: { i } });
    const run = catalog.jobs.acquire(id);
    for (let step = 0; step < 4; step++) run.outcome(run.intent(`step ${step}`, { step }), 'done');
    run.finish('succeeded', { result: { i } });
  }
  const removed = catalog.environments.add({
    name: 'removed',
    api: { apiUrl: 'https://iam.example', clientId: 'c', clientSecret: 'canary-of-the-removed' },
  });
  catalog.environments.remove(removed.name);
  contents = await contentsOf(catalog);
  catalog.close();
  db = readFileSync(join(catalog.dir, 'catalog.db'));
});
afterAll(() => kept.clear());
afterEach(() => catalogs.clear());

const repair = (dir: string, options: Partial<RepairOptions> = {}) =>
  repairCatalog({ dir, keys: { passphrase: async () => PASSPHRASE }, ...options });

/** In a log that is read to its middle only, a job of then still seems to run. */
const anHourLater = () => new Date(Date.now() + 3_600_000);

const KINDS = ['environments', 'plans', 'jobs', 'snapshots'] as const;
const entries = (of: JsonObject, kind: (typeof KINDS)[number]) => of[kind] as JsonObject[];

/** What the new catalog holds: all of it must be what the old one held. */
async function held({ to }: RepairView, original: JsonObject): Promise<JsonObject> {
  const catalog = await catalogs.open({ dir: to!, create: false });
  expect((await catalog.verify()).damaged).toEqual([]);
  const found = await contentsOf(catalog);
  catalog.close();
  for (const kind of KINDS)
    for (const entry of entries(found, kind)) expect(entries(original, kind)).toContainEqual(entry);
  return found;
}

async function outcome(
  files: CatalogFiles,
  original = contents,
): Promise<'refused' | 'nothing left' | 'all kept' | 'some lost'> {
  const dir = placed(catalogs, files);
  try {
    const repaired = await repair(dir, { testing: { now: anHourLater } });
    const found = await held(repaired, original);
    expect(repaired.kept).toEqual({
      snapshots: entries(found, 'snapshots').length,
      environments: entries(found, 'environments').length,
      plans: entries(found, 'plans').length,
      jobs: entries(found, 'jobs').length,
      schedules: (found['schedules'] as JsonObject[] | undefined)?.length ?? 0,
    });
    const all = KINDS.every((kind) => isDeepStrictEqual(entries(found, kind), entries(original, kind)));
    // Whatever is not there any more was told of, by name or by where it was.
    if (!all) expect(repaired.lost.length + repaired.damage.length).toBeGreaterThan(0);
    expect(repaired.lost.length + repaired.damage.length).toBeGreaterThan(0);
    return all ? 'all kept' : 'some lost';
  } catch (error) {
    if (isAppError(error, 'USAGE')) return 'refused';
    if (isAppError(error, 'CATALOG_DAMAGED')) return 'nothing left';
    throw error;
  } finally {
    expect(readFileSync(join(dir, 'catalog.db')).equals(files.db)).toBe(true);
    catalogs.clear();
  }
}

describe('repairing a catalog', () => {
  it('tells how far it is from the first page on', async () => {
    const dir = placed(catalogs, { db });
    const damaging = new Database(join(dir, 'catalog.db'));
    damaging.exec('UPDATE snapshots SET labels = zeroblob(50) WHERE seq = 1');
    damaging.close();
    const told: RepairProgress[] = [];
    await repair(dir, { dryRun: true, onProgress: (progress) => told.push(progress) });
    const parts = [...new Set(told.map(({ part }) => part))];
    expect(parts).toEqual(['reading', 'examining', 'sorting-out', 'proving']);
    for (const part of parts) {
      const done = told.filter((one) => one.part === part).map((one) => one.done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(told.every(({ done, of }) => done <= of)).toBe(true);
    }
    const reading = told.filter(({ part }) => part === 'reading');
    expect(reading[0]).toEqual({ part: 'reading', done: 1, of: db.length / PAGE });
    expect(reading.length).toBeGreaterThan(db.length / PAGE / 3);
  });

  it('refuses when nothing is damaged, and leaves nothing behind', async () => {
    expect(await outcome({ db })).toBe('refused');
    expect(await outcome(logged, logged.contents)).toBe('refused');
    const dir = placed(catalogs, { db });
    await expect(repair(dir)).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(dirname(dir))).toEqual(['catalog']);
  });

  it('keeps what is whole, and only that, whichever byte changes', async () => {
    const next = random(7);
    const counts: Record<string, number> = {};
    for (let i = 0; i < 60; i++) {
      const offset = Math.floor(next() * db.length);
      const found = await outcome({ db: flipped(db, offset, 1 + Math.floor(next() * 255)) });
      counts[found] = (counts[found] ?? 0) + 1;
    }
    expect(counts['some lost']).toBeGreaterThan(5);
    expect(counts['all kept'] ?? 0).toBeGreaterThan(0);
    expect(counts['nothing left'] ?? 0).toBeLessThan(3);
  });

  it('keeps what is whole, whichever page is lost', async () => {
    const counts: Record<string, number> = {};
    for (let page = 0; page < db.length / PAGE; page += 3) {
      const zeroed = Buffer.from(db).fill(0, page * PAGE, (page + 1) * PAGE);
      const found = await outcome({ db: zeroed });
      counts[found] = (counts[found] ?? 0) + 1;
    }
    // The list of tables, the catalog's own row, its key slots: without each of these nothing can be opened.
    expect(counts['nothing left'] ?? 0).toBeLessThanOrEqual(3);
    expect(counts['all kept']).toBeGreaterThan(5);
    expect(counts['some lost']).toBeGreaterThan(5);
  });

  it('keeps what is left of a file that was cut off', async () => {
    for (const part of [0.3, 0.6, 0.9]) {
      const cut = db.subarray(0, Math.floor(db.length * part));
      expect(await outcome({ db: cut })).toBe('some lost');
    }
  });

  it('goes on behind the damage in a write-ahead log', async () => {
    const after = (offset: number) =>
      outcome({ db: logged.db, wal: flipped(logged.wal, offset, 0x10) }, logged.contents);
    // The first transactions laid out the tables; behind damage there SQLite would see nothing.
    const next = random(9);
    for (let i = 0; i < 15; i++)
      expect(['all kept', 'some lost']).toContain(
        await after(Math.floor((0.2 + 0.75 * next()) * logged.wal.length)),
      );
    for (const offset of [0, 9, 17, 25]) expect(await after(offset)).toBe('all kept');
  });

  it('finds what an inner page led to, and brings back nothing that was deleted', async () => {
    const dir = placed(catalogs, { db });
    const file = join(dir, 'catalog.db');
    const reading = new Database(file);
    const root = reading
      .prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'environments'`)
      .pluck()
      .get();
    reading.close();
    const bytes = readFileSync(file);
    const page = (Number(root) - 1) * PAGE;
    expect(bytes[page]).toBe(0x05);
    writeFileSync(file, bytes.fill(0, page, page + PAGE));
    await expect(catalogs.open({ dir })).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
    const repaired = await repair(dir);
    expect(repaired.damage.join(' ')).toMatch(/Of environments, 1 page could not be read/);
    const found = await held(repaired, contents);
    expect(entries(found, 'environments')).toEqual(entries(contents, 'environments'));
  });

  it('brings back no key and no environment that was taken away, whatever is lost', async () => {
    const catalog = await catalogs.open();
    await fill(catalog);
    await catalog.keys.setPassphrase('the new one', { passphrase: PASSPHRASE });
    const add = (name: string) =>
      catalog.environments.add({
        name,
        api: { apiUrl: 'https://iam.example', clientId: 'x'.repeat(2000), clientSecret: name },
      });
    for (let i = 0; i < 20; i++) add(`removed-${i}`);
    for (let i = 0; i < 20; i++) catalog.environments.remove(`removed-${i}`);
    const names = catalog.environments.list().map(({ name }) => name);
    catalog.close();
    const bytes = readFileSync(join(catalog.dir, 'catalog.db'));
    for (let page = 0; page < bytes.length / PAGE; page += 3) {
      const dir = placed(catalogs, { db: Buffer.from(bytes).fill(0, page * PAGE, (page + 1) * PAGE) });
      const keys = { passphrase: async () => 'the new one' };
      const repaired = await repair(dir, { keys }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(USAGE|CATALOG_DAMAGED)$/) });
      });
      if (!repaired) continue;
      await expect(catalogs.open({ dir: repaired.to!, create: false })).rejects.toMatchObject({
        code: 'WRONG_KEY',
      });
      const opened = await catalogs.open({ dir: repaired.to!, create: false, keys });
      for (const { name } of opened.environments.list()) expect(names).toContain(name);
      opened.close();
    }
  });

  it.each(readdirSync(FIXTURES))(
    'makes one of the newest version of what is left of one of %s',
    async (old) => {
      const frozen = readFileSync(join(FIXTURES, old, 'catalog.db'));
      const healthy = placed(catalogs, { db: frozen });
      await expect(repair(healthy)).rejects.toMatchObject({ code: 'USAGE' });
      const dir = placed(catalogs, { db: frozen });
      const altering = new Database(join(dir, 'catalog.db'));
      altering.exec('UPDATE environments SET secrets = zeroblob(60) WHERE seq = 1');
      altering.close();
      const { to, lost, kept: left } = await repair(dir);
      expect(lost).toHaveLength(1);
      expect(left.snapshots).toBeGreaterThan(0);
      const catalog = await catalogs.open({ dir: to!, create: false });
      expect(catalog.describe()).toMatchObject({ version: catalog.describe().knownVersion });
      expect((await catalog.verify()).damaged).toEqual([]);
    },
  );

  it.each(readdirSync(FIXTURES))('leaves out what refers to what is lost of one of %s', async (old) => {
    const dir = placed(catalogs, { db: readFileSync(join(FIXTURES, old, 'catalog.db')) });
    const losing = new Database(join(dir, 'catalog.db'));
    losing.pragma('foreign_keys = OFF');
    losing.exec('DELETE FROM jobs WHERE seq = 1');
    losing.close();
    const { to, damage, kept: left } = await repair(dir);
    expect(damage.join(' ')).toMatch(/rows? of “job_steps” refers? to rows of “jobs” that are not there/);
    expect(left).toMatchObject({ jobs: 2 });
    const catalog = await catalogs.open({ dir: to!, create: false });
    expect((await catalog.verify()).damaged).toEqual([]);
  });

  it('names what is lost', async () => {
    const dir = placed(catalogs, { db });
    const file = join(dir, 'catalog.db');
    const altering = new Database(file);
    altering.exec(`
      UPDATE environments SET secrets = zeroblob(60) WHERE seq = 1;
      UPDATE plan_documents SET document = zeroblob(60) WHERE plan = 1;
      UPDATE job_steps SET intent = zeroblob(60) WHERE job = 1 AND seq = 1;
      UPDATE key_slots SET wrapped = zeroblob(60) WHERE kind = 'recovery';
      UPDATE schedules SET state = zeroblob(60);
      UPDATE snapshots SET labels = zeroblob(60) WHERE seq = 1;
      UPDATE snapshots SET manifest = zeroblob(60) WHERE seq = 2;`);
    altering.close();
    const repaired = await repair(dir);
    expect(repaired.lost.map((one) => [one.in, one.text])).toEqual([
      [
        'snapshots',
        expect.stringMatching(/tags and the note of snapshot .* are damaged; the snapshot is kept/),
      ],
      ['snapshots', expect.stringMatching(/description of snapshot/)],
      ['environments', expect.stringContaining('“dev”')],
      ['plans', expect.stringContaining('plan0open')],
      ['jobs', expect.stringContaining('Apply acme to prod')],
      ['schedules', expect.stringContaining('The schedule “nightly”')],
      ['keys', expect.stringContaining('recovery key')],
    ]);
    expect(repaired.kept).toMatchObject({ snapshots: 1, schedules: 0 });
    const catalog = await catalogs.open({ dir: repaired.to!, create: false });
    expect(catalog.keys.waysIn().map(({ kind }) => kind)).toEqual(['passphrase']);
    const [snapshot] = catalog.snapshots.list();
    expect(snapshot).toMatchObject({ realm: 'acme', tags: [], pinned: true });
    expect(statSync(join(repaired.to!, 'catalog.db')).mode & 0o777).toBe(0o600);
    // It is one to work with.
    catalog.environments.add({ name: 'another', api: { apiUrl: 'https://iam.example', clientId: 'c' } });
    catalog.jobs
      .acquire(catalog.jobs.create({ kind: 'backup', title: 'b', params: {} }).id)
      .finish('succeeded');
    expect((await catalog.verify()).damaged).toEqual([]);
  });

  it('says of a snapshot of which one place is damaged that all of it is lost, and how much was whole', async () => {
    const dir = placed(catalogs, { db });
    const opened = await catalogs.open({ dir, create: false });
    const [last, first] = opened.snapshots.list();
    const [chunk] = opened.snapshots.chunks(last!.id, 'users');
    opened.close();
    const altering = new Database(join(dir, 'catalog.db'));
    altering
      .prepare('DELETE FROM chunk_data WHERE seq = (SELECT seq FROM chunks WHERE id = ?)')
      .run(Buffer.from(chunk!.id, 'hex'));
    altering.close();
    const { lost, kept: left } = await repair(dir);
    const sections = last!.sections.length;
    expect(sections).toBeGreaterThan(1);
    expect(lost).toEqual([
      {
        snapshot: last!.id,
        in: 'snapshots',
        text: expect.stringMatching(
          new RegExp(
            `^All of snapshot ${last!.id} \\(realm “acme” from .*\\) is lost, since not all of it is whole\\. ` +
              `users: \\d+ records from “.*” on: .* ${sections - 1} of its ${sections} sections were whole\\.$`,
          ),
        ),
      },
    ]);
    expect(left).toMatchObject({ snapshots: 1, schedules: 1 });
    expect(first).toBeDefined();
  });

  it('only tells, when it is asked to', async () => {
    const dir = placed(catalogs, { db: Buffer.from(db).fill(0, db.length - PAGE) });
    const told = await repair(dir, { dryRun: true });
    expect(told.to).toBeNull();
    expect(existsSync(`${dir}-repaired`)).toBe(false);
    const { damage, lost, kept: left } = await repair(dir);
    expect({ damage, lost, kept: left }).toEqual({ damage: told.damage, lost: told.lost, kept: told.kept });
  });

  it('replaces nothing, needs the key, and is refused while somebody works with the catalog', async () => {
    const damaged = Buffer.from(db).fill(0, db.length - PAGE);
    const dir = placed(catalogs, { db: damaged });
    await repair(dir);
    await expect(repair(dir)).rejects.toMatchObject({
      code: 'FILE_FAILED',
      remedy: expect.stringContaining('--to'),
    });
    const to = join(catalogs.newFolder(), 'new');
    await expect(repair(dir, { to, keys: { passphrase: async () => 'wrong' } })).rejects.toMatchObject({
      code: 'WRONG_KEY',
    });
    expect(existsSync(to)).toBe(false);
    await expect(repair(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'CATALOG_MISSING' });

    const used = await catalogs.open();
    await fill(used);
    used.leases.acquire('realm prod/acme', { kind: 'apply' });
    await expect(repair(used.dir)).rejects.toMatchObject({ code: 'CATALOG_LOCKED' });
  });
});
