import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { tellFaults } from '../../../test/faults/fault-counts.ts';
import { storeSnapshot } from '../../../test/faults/storing.ts';
import { contentsOf, FIXTURES } from '../migrations/make-fixture.ts';
import { CHEAP_SCRYPT, PASSPHRASE, TestCatalogs } from '../test-catalog.ts';
import { compactCatalog, type CompactOptions } from './compact-catalog.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

const compact = (dir: string, options: Partial<CompactOptions> = {}) =>
  compactCatalog({
    dir,
    keys: { passphrase: async () => PASSPHRASE },
    testing: { scrypt: CHEAP_SCRYPT, patience: 200 },
    ...options,
  });

/** A catalog as an older Drawbridge made it, with free space in its file. */
async function older(version: string): Promise<string> {
  const dir = join(catalogs.newFolder(), 'catalog');
  cpSync(join(FIXTURES, version), dir, { recursive: true });
  const catalog = await catalogs.open({ dir, create: false });
  const ids = [];
  for (let i = 0; i < 4; i++) ids.push(await storeSnapshot(catalog, 1000));
  catalog.snapshots.moveSomeToTrash(ids);
  catalog.close();
  const db = new Database(join(dir, 'catalog.db'));
  // What emptying the trash would leave: their rows are gone, the pages are free.
  db.exec('CREATE TABLE ballast (noise BLOB); DROP TABLE ballast');
  db.exec(
    'CREATE TABLE ballast (noise BLOB); INSERT INTO ballast VALUES (randomblob(2000000)); DROP TABLE ballast',
  );
  db.close();
  return dir;
}

describe.each(['v1', 'v2'])('a catalog of %s', (version) => {
  it('is smaller afterwards, holds the same, and shrinks by itself from then on', async () => {
    const dir = await older(version);
    const before = await catalogs.open({ dir, create: false });
    const { free, shrinks } = before.space.fileSize();
    expect([free > 1_900_000, shrinks]).toEqual([true, false]);
    const contents = await contentsOf(before);
    before.close();

    const begun: number[] = [];
    const done = await compact(dir, { onBegin: async ({ bytes }) => void begun.push(bytes) });
    expect(done).toMatchObject({ dir, shrank: false });
    expect(begun).toEqual([done.before]);
    expect(done.before - done.after).toBeGreaterThan(free * 0.9);
    expect(statSync(join(dir, 'catalog.db')).size).toBe(done.after);
    // No log is left beside it.
    expect(readdirSync(dir).filter((name) => name.startsWith('catalog.db'))).toEqual(['catalog.db']);

    const after = await catalogs.open({ dir, create: false });
    expect(after.space.fileSize()).toMatchObject({ free: 0, shrinks: true });
    expect((await after.verify()).damaged).toEqual([]);
    expect(await contentsOf(after)).toEqual(contents);
  });
});

describe('a catalog that is written anew', () => {
  it('is whole, whenever the process is killed, and can be compacted again', async () => {
    const dir = await older('v1');
    const whole = await catalogs.open({ dir, create: false });
    const contents = await contentsOf(whole);
    whole.close();
    let kills = 0;
    for (const delay of [0, 5, 10, 20, 40, 80, 160]) {
      const copy = join(catalogs.newFolder(), 'catalog');
      cpSync(dir, copy, { recursive: true });
      const child = spawn(process.execPath, [join(import.meta.dirname, 'compact-process.ts'), copy], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      await once(child.stdout, 'data');
      await sleep(delay);
      if (child.kill('SIGKILL')) kills++;
      await exited;
      const found = await catalogs.open({ dir: copy, create: false });
      expect((await found.verify()).damaged).toEqual([]);
      expect(await contentsOf(found)).toEqual(contents);
      found.close();
      await compact(copy);
      const after = await catalogs.open({ dir: copy, create: false });
      expect(after.space.fileSize()).toMatchObject({ free: 0, shrinks: true });
      after.close();
    }
    tellFaults('compactings of a catalog', { kills });
    expect(kills).toBeGreaterThan(3);
  });

  it('is refused while somebody has it open or works with it, and stays as it was', async () => {
    const catalog = await catalogs.open();
    await storeSnapshot(catalog);
    await expect(compact(catalog.dir)).rejects.toMatchObject({
      code: 'CATALOG_LOCKED',
      notChanged: 'The catalog was left as it is.',
    });
    const lease = catalog.leases.acquire('realm prod/acme', { kind: 'apply' });
    await expect(compact(catalog.dir)).rejects.toMatchObject({
      code: 'CATALOG_LOCKED',
      message: expect.stringContaining('apply'),
    });
    lease.release();
  });

  it('can be called off until it is begun', async () => {
    const catalog = await catalogs.open();
    const { dir } = catalog;
    const id = await storeSnapshot(catalog);
    catalog.close();
    const stop = new AbortController();
    const onBegin = async () => stop.abort();
    await expect(compact(dir, { signal: stop.signal, onBegin })).rejects.toMatchObject({ code: 'CANCELED' });
    const again = await catalogs.open({ dir, create: false });
    expect(again.snapshots.list().map((snapshot) => snapshot.id)).toEqual([id]);
  });

  it('of this version gains nothing, and says so', async () => {
    const catalog = await catalogs.open();
    const { dir } = catalog;
    await storeSnapshot(catalog);
    catalog.close();
    expect(await compact(dir)).toMatchObject({ shrank: true });
    const { before, after } = await compact(dir);
    expect(after).toBe(before);
  });
});
