import Database from 'better-sqlite3';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openCatalog } from './index.ts';
import { PASSPHRASE, TestCatalogs } from './test-catalog.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

const modeOf = (path: string) => statSync(path).mode & 0o777;

const API = { apiUrl: 'https://iam.example', clientId: 'drawbridge', clientSecret: 's3cret' };

describe('opening a catalog', () => {
  it('creates it, closed to others, and opens it again with what was put into it', async () => {
    const first = await catalogs.open();
    const { dir } = first;
    first.environments.add({ name: 'prod', stage: 'production', api: API });
    expect(modeOf(dir)).toBe(0o700);
    expect(modeOf(first.stagingDir)).toBe(0o700);
    const files = ['catalog.db', 'catalog.db-wal', 'catalog.db-shm'];
    expect(files.map((name) => modeOf(join(dir, name)))).toEqual([0o600, 0o600, 0o600]);
    first.close();

    const again = await catalogs.open({ dir, create: false });
    expect(again.environments.list().map(({ name }) => name)).toEqual(['prod']);
    expect(again.environments.secrets('prod')).toEqual({ clientSecret: 's3cret' });
    again.checkIntegrity();
  });

  it('shuts others out of a file that a copy left readable', async () => {
    const { dir, close } = await catalogs.open();
    close();
    chmodSync(join(dir, 'catalog.db'), 0o644);
    await catalogs.open({ dir });
    expect(modeOf(join(dir, 'catalog.db'))).toBe(0o600);
  });

  it('says when there is none, and leaves nothing behind', async () => {
    const dir = join(catalogs.newFolder(), 'nothing', 'here');
    await expect(catalogs.open({ dir, create: false })).rejects.toMatchObject({ code: 'CATALOG_MISSING' });
    expect(existsSync(dir)).toBe(false);
  });

  it('takes an empty file, as an interrupted creation leaves one, for no catalog', async () => {
    const dir = catalogs.newFolder();
    writeFileSync(join(dir, 'catalog.db'), '');
    await expect(catalogs.open({ dir, create: false })).rejects.toMatchObject({ code: 'CATALOG_MISSING' });
    await catalogs.open({ dir });
  });

  it('finishes a creation that was killed between the file’s header and its tables', async () => {
    const dir = catalogs.newFolder();
    const db = new Database(join(dir, 'catalog.db'));
    db.pragma('journal_mode = WAL');
    db.close();
    await expect(catalogs.open({ dir, create: false })).rejects.toMatchObject({ code: 'CATALOG_MISSING' });
    const catalog = await catalogs.open({ dir });
    expect(catalog.jobs.list()).toEqual([]);
  });

  it('creates nothing without a key', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    await expect(catalogs.open({ dir, keys: {} })).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' });
    await expect(catalogs.open({ dir, keys: { passphrase: async () => '' } })).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    });
    expect(existsSync(dir)).toBe(false);
  });

  it('refuses what is no catalog', async () => {
    const text = catalogs.newFolder();
    writeFileSync(join(text, 'catalog.db'), 'Dear diary, '.repeat(100));
    await expect(catalogs.open({ dir: text })).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });

    const foreign = catalogs.newFolder();
    const db = new Database(join(foreign, 'catalog.db'));
    db.exec('CREATE TABLE moz_places (id INTEGER)');
    db.close();
    await expect(catalogs.open({ dir: foreign })).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
    const after = new Database(join(foreign, 'catalog.db'), { readonly: true });
    expect(after.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['moz_places']);
    after.close();
  });

  it('says which folder is a file', async () => {
    const folder = catalogs.newFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(catalogs.open({ dir: join(folder, 'file') })).rejects.toMatchObject({ code: 'FILE_FAILED' });
    await expect(catalogs.open({ dir: join(folder, 'file', 'deeper') })).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringContaining(join(folder, 'file', 'deeper')),
    });
  });

  it('refuses a wrong passphrase', async () => {
    const { dir, close } = await catalogs.open();
    close();
    await expect(
      catalogs.open({ dir, keys: { passphrase: async () => `${PASSPHRASE} ` } }),
    ).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await expect(catalogs.open({ dir, keys: {} })).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' });
  });

  it('takes the real cost of scrypt where no test lowers it', async () => {
    const dir = catalogs.newFolder();
    const catalog = await openCatalog({ dir, keys: { passphrase: async () => PASSPHRASE }, create: true });
    catalog.close();
    const db = new Database(join(dir, 'catalog.db'), { readonly: true });
    const parameters = db.prepare('SELECT parameters FROM key_slots').pluck().get();
    db.close();
    expect(JSON.parse(String(parameters))).toMatchObject({ kdf: 'scrypt', n: 2 ** 16, r: 8, p: 2 });
  });

  it('opens with a recovery key when the passphrase is lost; a newer one replaces it', async () => {
    const catalog = await catalogs.open();
    const { dir } = catalog;
    catalog.environments.add({ name: 'prod', api: API });
    const old = await catalog.keys.proposeRecoveryKey({ passphrase: PASSPHRASE });
    catalog.keys.keepRecoveryKey(old);
    const key = await catalog.keys.proposeRecoveryKey({ passphrase: PASSPHRASE });
    catalog.keys.keepRecoveryKey(key);
    catalog.close();
    expect(key).toMatch(/^([0-9A-Z]{6}-){5}[0-9A-Z]{6}$/);
    const opened = await catalogs.open({ dir, keys: { recoveryKey: async () => key.toLowerCase() } });
    expect(opened.environments.get('prod').name).toBe('prod');
    await expect(catalogs.open({ dir, keys: { recoveryKey: async () => old } })).rejects.toMatchObject({
      code: 'WRONG_KEY',
    });
    await catalogs.open({ dir });
  });

  it('stores nothing readable of what is secret or named', async () => {
    const catalog = await catalogs.open();
    catalog.environments.add({ name: 'acme-production', api: { ...API, clientSecret: 'canary-secret' } });
    const job = catalog.jobs.create({
      kind: 'apply',
      title: 'canary-title',
      params: { realm: 'canary-realm' },
    });
    const run = catalog.jobs.acquire(job.id);
    run.addFailures([{ section: 'users', key: 'canary-user', reason: 'canary-reason' }]);
    run.intent('canary-label', { key: 'canary-intent' });
    run.finish('failed');
    catalog.leases.acquire('realm canary-lease', { kind: 'apply' });
    catalog.plans.save({
      id: 'p1',
      createdAt: new Date().toISOString(),
      document: { realm: 'canary-plan' },
    });
    const { dir } = catalog;
    const db = new Database(join(dir, 'catalog.db'), { readonly: true });
    const bytes = db.serialize().toString('latin1');
    db.close();
    expect(bytes).toContain('key_slots');
    expect(bytes).not.toMatch(/canary|acme|iam\.example|s3cret/);
    expect(readdirSync(dir).sort()).toEqual(['catalog.db', 'catalog.db-shm', 'catalog.db-wal', 'staging']);
  });
});

describe('a full disk', () => {
  it('is said, and loses nothing that was stored before', async () => {
    const first = await catalogs.open();
    const { dir } = first;
    first.environments.add({ name: 'prod', api: API });
    first.close();
    const pages = statSync(join(dir, 'catalog.db')).size / 4096;

    const full = await catalogs.open({ dir, testing: { maxPages: pages + 4 } });
    const job = full.jobs.create({ kind: 'apply', title: 'Apply', params: {} });
    const run = full.jobs.acquire(job.id);
    let stored = 0;
    const fill = () => {
      for (;;) {
        run.intent(`step ${stored + 1}`, { filling: 'x'.repeat(1000) });
        stored++;
      }
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(() =>
      full.environments.add({ name: 'large', api: { ...API, clientId: 'x'.repeat(20_000) } }),
    ).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(stored).toBeGreaterThan(0);
    full.close();

    const roomier = await catalogs.open({ dir });
    roomier.checkIntegrity();
    expect([...roomier.jobs.steps(job.id)]).toHaveLength(stored);
    expect(roomier.environments.list().map(({ name }) => name)).toEqual(['prod']);
  });

  it('fails a creation so that it can be repeated', async () => {
    const dir = join(catalogs.newFolder(), 'catalog');
    await expect(catalogs.open({ dir, testing: { maxPages: 3 } })).rejects.toMatchObject({
      code: 'DISK_FULL',
    });
    await catalogs.open({ dir });
  });
});

describe('a catalog whose place is taken', () => {
  it('is refused, not overwritten', async () => {
    const { dir, close } = await catalogs.open();
    close();
    rmSync(join(dir, 'staging'), { recursive: true });
    writeFileSync(join(dir, 'staging'), '');
    await expect(catalogs.open({ dir })).rejects.toMatchObject({ code: 'FILE_FAILED' });
    rmSync(join(dir, 'catalog.db'));
    mkdirSync(join(dir, 'catalog.db'));
    await expect(catalogs.open({ dir })).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });
});
