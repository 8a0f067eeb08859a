import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import type { Catalog } from '../index.ts';
import { contentsOf, fill } from '../migrations/make-fixture.ts';
import { TestCatalogs } from '../test-catalog.ts';
import { backUpCatalog } from './back-up-catalog.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

async function filled(): Promise<Catalog> {
  const catalog = await catalogs.open();
  await fill(catalog);
  return catalog;
}

/** Opens a copy in a folder of its own. */
function opened(file: string): Promise<Catalog> {
  const dir = join(catalogs.newFolder(), 'catalog');
  mkdirSync(dir);
  copyFileSync(file, join(dir, 'catalog.db'));
  return catalogs.open({ dir, create: false });
}

describe('a copy of a catalog', () => {
  it('holds what the catalog holds, is one file, and only its owner’s', async () => {
    const catalog = await filled();
    const folder = catalogs.newFolder();
    const { path, bytes, snapshots } = await backUpCatalog(catalog, join(folder, 'copy.db'));
    expect([path, snapshots]).toEqual([join(folder, 'copy.db'), 2]);
    expect(statSync(path)).toMatchObject({ size: bytes, mode: 0o100600 });
    expect(readdirSync(folder)).toEqual(['copy.db']);
    expect(await contentsOf(await opened(path))).toEqual(await contentsOf(catalog));
  });

  it('is named after its time in a folder, which is made where it ends with a slash', async () => {
    const catalog = await filled();
    const now = new Date('2026-03-04T05:06:07.890Z');
    const folder = catalogs.newFolder();
    const name = 'drawbridge-catalog-20260304T050607Z.db';
    expect((await backUpCatalog(catalog, folder, { now })).path).toBe(join(folder, name));
    expect((await backUpCatalog(catalog, `${folder}/new/deeper/`, { now })).path).toBe(
      join(folder, 'new', 'deeper', name),
    );
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
    await expect(backUpCatalog(catalog, join(folder, 'nowhere', 'copy.db'))).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringContaining('no folder'),
    });
  });

  it('says of a place where it cannot be what to do about it, not how the catalog is opened', async () => {
    const catalog = await filled();
    const folder = catalogs.newFolder();
    writeFileSync(join(folder, 'file'), 'precious');
    for (const place of ['file/copy.db', 'file/deeper/', 'n'.repeat(300)])
      await expect(backUpCatalog(catalog, `${folder}/${place}`)).rejects.toMatchObject({
        code: 'FILE_FAILED',
        message: expect.stringContaining(folder),
        notChanged: expect.stringContaining('no copy was made'),
        remedy: 'Choose another folder, in which this user may create files.',
      });
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('never replaces anything', async () => {
    const catalog = await filled();
    const path = join(catalogs.newFolder(), 'copy.db');
    writeFileSync(path, 'precious');
    await expect(backUpCatalog(catalog, path)).rejects.toMatchObject({ code: 'FILE_FAILED' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
    // One that comes while the copy is made is not replaced either.
    const late = join(catalogs.newFolder(), 'copy.db');
    const onProved = () => writeFileSync(late, 'precious');
    await expect(backUpCatalog(catalog, late, { onProved })).rejects.toMatchObject({ code: 'FILE_FAILED' });
    expect(readFileSync(late, 'utf8')).toBe('precious');
    expect(readdirSync(join(late, '..'))).toEqual(['copy.db']);
  });

  it('is of one moment, while others write', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    const catalog = await catalogs.open({ dir });
    const writers = ['left', 'right'].map((name) => {
      const process_ = fileURLToPath(new URL('../test-process.ts', import.meta.url));
      return spawn(process.execPath, [process_, dir, 'write', name], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    });
    const ended = Promise.all(writers.map((writer) => once(writer, 'exit')));
    const folder = catalogs.newFolder();
    const seen: number[] = [];
    for (let i = 0, isOver = false; !isOver; i++) {
      isOver = writers.every(({ exitCode }) => exitCode !== null);
      const { path } = await backUpCatalog(catalog, join(folder, `${i}.db`));
      const copy = await opened(path);
      const jobs = copy.jobs.list();
      // A writer stores an environment, then a job: at any moment, of two writers, so many may be without.
      const without = copy.environments.list().length - jobs.length;
      expect(without).toBeGreaterThanOrEqual(0);
      expect(without).toBeLessThanOrEqual(2);
      // Nobody works in a copy.
      expect(jobs.filter(({ state }) => !['queued', 'succeeded', 'interrupted'].includes(state))).toEqual([]);
      seen.push(jobs.length);
      copy.close();
    }
    await ended;
    expect(seen.at(-1)).toBe(50);
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
  });

  it('is without the job that makes it, and its running jobs are interrupted', async () => {
    const catalog = await filled();
    const copying = catalog.jobs.create({ kind: 'catalog-backup', title: 'Copy', params: {} });
    const other = catalog.jobs.create({ kind: 'apply', title: 'Apply', params: {} });
    for (const { id } of [copying, other]) catalog.jobs.acquire(id);
    const path = join(catalogs.newFolder(), 'copy.db');
    await backUpCatalog(catalog, path, { job: copying.id });
    const copy = await opened(path);
    expect(copy.jobs.list().map(({ id }) => id)).not.toContain(copying.id);
    expect(copy.jobs.get(other.id).state).toBe('interrupted');
    expect(copy.leases.holders()).toEqual([]);
    expect(catalog.jobs.get(other.id).state).toBe('running');
  });

  it('is not kept of a damaged catalog, nor when it is broken off', async () => {
    const catalog = await filled();
    const folder = catalogs.newFolder();
    const stop = new AbortController();
    const canceled = { signal: stop.signal, onCopied: () => stop.abort() };
    await expect(backUpCatalog(catalog, join(folder, 'a.db'), canceled)).rejects.toMatchObject({
      code: 'CANCELED',
    });
    const db = new Database(join(catalog.dir, 'catalog.db'));
    db.exec('UPDATE plan_documents SET document = zeroblob(90)');
    db.close();
    await expect(backUpCatalog(catalog, join(folder, 'b.db'))).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
      remedy: expect.stringContaining('catalog verify'),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(join(catalog.dir, 'catalog.db'))).toBe(true);
  });
});
