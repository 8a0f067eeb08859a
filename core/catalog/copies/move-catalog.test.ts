import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { tellFaults } from '../../../test/faults/fault-counts.ts';
import type { JsonObject } from '../../model/record.ts';
import { contentsOf, fill } from '../migrations/make-fixture.ts';
import { CHEAP_SCRYPT, PASSPHRASE, TestCatalogs } from '../test-catalog.ts';
import { moveCatalog, type MoveOptions } from './move-catalog.ts';
import { removeIfEmpty } from './new-folder.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());
let kills = 0;
afterAll(() => tellFaults('moves of a catalog', { kills }));

const move = (dir: string, to: string, options: Partial<MoveOptions> = {}) =>
  moveCatalog({
    dir,
    to,
    keys: { passphrase: async () => PASSPHRASE },
    testing: { scrypt: CHEAP_SCRYPT, patience: 200 },
    ...options,
  });

/** A catalog at rest, and what it holds. */
async function atRest(): Promise<{ dir: string; contents: JsonObject }> {
  const catalog = await catalogs.open();
  await fill(catalog);
  const contents = await contentsOf(catalog);
  catalog.close();
  return { dir: catalog.dir, contents };
}

async function contentsIn(dir: string): Promise<JsonObject> {
  const catalog = await catalogs.open({ dir, create: false });
  expect((await catalog.verify()).damaged).toEqual([]);
  const contents = await contentsOf(catalog);
  catalog.close();
  return contents;
}

describe('moving a catalog', () => {
  it('leaves all of it in the new place, and nothing in the old one', async () => {
    const { dir, contents } = await atRest();
    const to = join(catalogs.newFolder(), 'new', 'place');
    expect(await move(dir, to)).toMatchObject({ from: dir, to, bytes: expect.any(Number) });
    expect(await contentsIn(to)).toEqual(contents);
    expect(existsSync(dir)).toBe(false);
  });

  it('takes an empty folder, and leaves what is not the catalog’s where it is', async () => {
    const { dir, contents } = await atRest();
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    const to = catalogs.newFolder();
    expect(await move(dir, to)).toMatchObject({ leftBehind: expect.stringContaining('notes.txt') });
    expect(readdirSync(dir)).toEqual(['notes.txt']);
    expect(await contentsIn(to)).toEqual(contents);
  });

  it.skipIf(process.platform !== 'linux')('is no failure where the folder may not be removed', () => {
    // A disk is mounted on it, and its parent is another user’s.
    expect(() => removeIfEmpty('/proc')).not.toThrow();
  });

  it('is refused while somebody works with it, or has it open', async () => {
    const { dir, contents } = await atRest();
    const to = join(catalogs.newFolder(), 'new');
    const catalog = await catalogs.open({ dir });
    await expect(move(dir, to)).rejects.toMatchObject({
      code: 'CATALOG_LOCKED',
      message: expect.stringContaining('open'),
    });
    const job = catalog.jobs.create({ kind: 'apply', title: 'Apply', params: {} });
    const run = catalog.jobs.acquire(job.id);
    await expect(move(dir, to)).rejects.toMatchObject({
      code: 'CATALOG_LOCKED',
      message: expect.stringContaining(job.id),
    });
    run.release();
    catalog.jobs.remove(job.id);
    catalog.close();
    expect(existsSync(to)).toBe(false);
    expect(await contentsIn(dir)).toEqual(contents);
  });

  it('is refused onto another catalog, onto a copy of itself, into itself, and without the key', async () => {
    const { dir } = await atRest();
    const other = await atRest();
    await expect(move(dir, other.dir)).rejects.toMatchObject({
      code: 'USAGE',
      remedy: expect.stringContaining('another catalog'),
    });
    for (const itself of [dir, join(dir, 'deeper')])
      await expect(move(dir, itself)).rejects.toMatchObject({ code: 'USAGE' });
    const to = join(catalogs.newFolder(), 'new');
    await expect(move(dir, to, { keys: { passphrase: async () => 'wrong' } })).rejects.toMatchObject({
      code: 'WRONG_KEY',
    });
    expect(existsSync(to)).toBe(false);
  });

  it('leaves a damaged catalog where it is', async () => {
    const { dir } = await atRest();
    const db = new Database(join(dir, 'catalog.db'));
    db.exec('UPDATE chunk_data SET sealed = zeroblob(90)');
    db.close();
    const to = join(catalogs.newFolder(), 'new');
    await expect(move(dir, to)).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
    expect(existsSync(to)).toBe(false);
    await catalogs.open({ dir, create: false });
  });

  it('canceled, leaves the old one', async () => {
    const { dir, contents } = await atRest();
    const to = join(catalogs.newFolder(), 'new');
    const stop = new AbortController();
    await expect(move(dir, to, { signal: stop.signal, onCopied: () => stop.abort() })).rejects.toMatchObject({
      code: 'CANCELED',
    });
    expect(existsSync(to)).toBe(false);
    expect(await contentsIn(dir)).toEqual(contents);
  });

  it.each(['copied', 'proved', 'published', 'removed'])(
    'killed once it has %s, there is a whole one, and it can be done again',
    async (step) => {
      const { dir, contents } = await atRest();
      const to = join(catalogs.newFolder(), 'new');
      mkdirSync(to);
      const program = fileURLToPath(new URL('./move-process.ts', import.meta.url));
      const { signal } = spawnSync(process.execPath, [program, dir, to, step], { stdio: 'inherit' });
      expect(signal).toBe('SIGKILL');
      kills++;
      const there = existsSync(join(to, 'catalog.db'));
      expect(there).toBe(step === 'published' || step === 'removed');
      if (step !== 'removed') expect(await contentsIn(dir)).toEqual(contents);
      if (step === 'published')
        await expect(move(dir, to)).rejects.toMatchObject({
          code: 'USAGE',
          remedy: expect.stringContaining('a copy of this one'),
        });
      if (!there) await move(dir, to);
      expect(await contentsIn(to)).toEqual(contents);
      expect(readdirSync(to).toSorted()).toEqual(['catalog.db', 'staging']);
    },
  );
});
