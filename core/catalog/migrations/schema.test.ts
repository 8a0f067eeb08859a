import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestCatalogs } from '../test-catalog.ts';
import { MIGRATIONS } from './migrations.ts';

const catalogs = new TestCatalogs();
let dir: string;
let file: string;
beforeEach(async () => {
  const catalog = await catalogs.open();
  ({ dir } = catalog);
  file = join(dir, 'catalog.db');
  catalog.environments.add({ name: 'prod', api: { apiUrl: 'https://iam.example', clientId: 'c' } });
  catalog.close();
});
afterEach(() => catalogs.clear());

function alter(sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

const versionOf = () => {
  const db = new Database(file, { readonly: true });
  const version = db.pragma('user_version', { simple: true });
  db.close();
  return version;
};
const KNOWN = MIGRATIONS.length;
const withNext = (sql: string) => ({ dir, testing: { migrations: [...MIGRATIONS, sql] } });
const namesIn = async (options: Parameters<typeof catalogs.open>[0]) => {
  const catalog = await catalogs.open(options);
  const names = catalog.environments.list().map(({ name }) => name);
  catalog.close();
  return names;
};

describe('a catalog of another version', () => {
  it('that is newer is left alone, and both versions are named', async () => {
    alter(`UPDATE catalog SET schema_version = ${KNOWN + 1}; PRAGMA user_version = ${KNOWN + 1}`);
    const before = readFileSync(file);
    await expect(catalogs.open({ dir })).rejects.toMatchObject({
      code: 'CATALOG_NEWER',
      details: { catalogVersion: KNOWN + 1, knownVersion: KNOWN },
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('that is older is brought up to date with all it holds', async () => {
    const next = withNext("ALTER TABLE plans ADD COLUMN origin TEXT NOT NULL DEFAULT 'manual'");
    expect(await namesIn(next)).toEqual(['prod']);
    expect(versionOf()).toBe(KNOWN + 1);
    expect(await namesIn(next)).toEqual(['prod']);
    await expect(catalogs.open({ dir })).rejects.toMatchObject({ code: 'CATALOG_NEWER' });
  });

  it('may have a table rebuilt that others refer to', async () => {
    const next = withNext(`
      CREATE TABLE plans_next (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('open', 'applied', 'expired')), head BLOB NOT NULL) STRICT;
      INSERT INTO plans_next SELECT * FROM plans;
      DROP TABLE plans;
      ALTER TABLE plans_next RENAME TO plans;`);
    const catalog = await catalogs.open({ dir });
    catalog.plans.save({ id: 'p1', createdAt: '2026-01-01T00:00:00Z', document: { kept: true } });
    catalog.close();
    const migrated = await catalogs.open(next);
    expect(migrated.plans.get('p1').document).toEqual({ kept: true });
  });

  it.each([
    ['fails half-way', 'CREATE TABLE new_one (x); INSERT INTO nowhere VALUES (1)', 'INTERNAL'],
    [
      'leaves references to nothing',
      `INSERT INTO plans (seq, id, status, head) VALUES (1, 'p', 'open', x'00');
       INSERT INTO plan_documents VALUES (99, x'00')`,
      'CATALOG_DAMAGED',
    ],
  ])('stays as it was when its migration %s', async (_what, sql, code) => {
    await expect(catalogs.open(withNext(sql))).rejects.toMatchObject({ code });
    expect(versionOf()).toBe(KNOWN);
    expect(await namesIn({ dir })).toEqual(['prod']);
  });

  it('is not migrated while it is damaged', async () => {
    const db = new Database(file);
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    db.exec("UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'jobs_running'");
    db.close();
    await expect(catalogs.open(withNext('CREATE TABLE new_one (x)'))).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
    });
    expect(versionOf()).toBe(KNOWN);
  });
});

describe('a catalog with other tables than Drawbridge makes', () => {
  it.each([
    ['an index is missing', 'DROP INDEX jobs_running'],
    ['a column is missing', 'ALTER TABLE jobs DROP COLUMN error'],
    ['a trigger was planted', 'CREATE TRIGGER t AFTER INSERT ON jobs BEGIN DELETE FROM jobs; END'],
    ['a view was planted', 'CREATE VIEW v AS SELECT * FROM key_slots'],
    ['the version is told twice, differently', `PRAGMA user_version = ${KNOWN + 1}`],
    ['the version is none', 'PRAGMA user_version = 0; UPDATE catalog SET schema_version = 0'],
    ['its own row is gone', 'DELETE FROM catalog'],
    ['its key slots are gone', 'DELETE FROM key_slots'],
    ['a key slot was changed', "UPDATE key_slots SET parameters = replace(parameters, '1024', '2048')"],
    ['its id was changed', "UPDATE catalog SET id = 'another'"],
  ])('is damaged when %s', async (_what, sql) => {
    alter(sql);
    await expect(catalogs.open({ dir })).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
  });

  it('may have what ANALYZE leaves', async () => {
    alter('ANALYZE');
    expect(await namesIn({ dir })).toEqual(['prod']);
  });
});
