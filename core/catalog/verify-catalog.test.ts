import Database from 'better-sqlite3';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import { fill } from './migrations/make-fixture.ts';
import { TestCatalogs } from './test-catalog.ts';

const catalogs = new TestCatalogs();
let file: string;
beforeAll(async () => {
  const catalog = await catalogs.open();
  await fill(catalog);
  catalog.leases.acquire('realm prod/acme', { kind: 'apply' });
  file = join(catalog.dir, 'catalog.db');
  catalog.close();
});
afterAll(() => catalogs.clear());

/** What is found in a copy on which this was done. */
async function damageAfter(
  change: (db: Database.Database) => void,
): Promise<{ in?: string; text: string }[]> {
  const dir = join(catalogs.newFolder(), 'catalog');
  mkdirSync(dir);
  copyFileSync(file, join(dir, 'catalog.db'));
  const db = new Database(join(dir, 'catalog.db'));
  db.pragma('foreign_keys = OFF');
  change(db);
  db.close();
  try {
    const catalog = await catalogs.open({ dir });
    return [...(await catalog.verify()).damaged];
  } catch (error) {
    if (!isAppError(error, 'CATALOG_DAMAGED')) throw error;
    return [{ in: 'opening', text: error.message }];
  }
}

const sealedColumns = () => {
  const db = new Database(file, { readonly: true });
  const columns = db
    .prepare<[], { name: string; column: string }>(
      `SELECT t.name, c.name AS column FROM pragma_table_list t, pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.type = 'table' AND c.type = 'BLOB'`,
    )
    .all();
  const filled = columns.filter(
    ({ name, column }) => db.prepare(`SELECT 1 FROM ${name} WHERE ${column} IS NOT NULL`).get() !== undefined,
  );
  db.close();
  return { columns, filled };
};

describe('proving a whole catalog', () => {
  it('finds nothing where nothing is damaged', async () => {
    expect(await damageAfter(() => undefined)).toEqual([]);
  });

  it('finds one changed byte in whatever is sealed, in every column of every table', async () => {
    const { columns, filled } = sealedColumns();
    // A table that the tests’ catalog has nothing in would be proved by nobody here: put something into it in `fill`.
    expect(columns.filter((column) => !filled.includes(column))).toEqual([]);
    for (const { name, column } of filled) {
      const found = await damageAfter((db) => {
        const place = db
          .prepare<[], { value: Buffer }>(
            `SELECT ${column} AS value FROM ${name} WHERE ${column} IS NOT NULL`,
          )
          .get()!;
        const altered = Buffer.from(place.value);
        altered[altered.length - 1]! ^= 1;
        db.prepare(`UPDATE ${name} SET ${column} = ? WHERE ${column} = ?`).run(altered, place.value);
      });
      expect([name, column, found.length > 0]).toEqual([name, column, true]);
    }
  });

  it('names what it finds', async () => {
    const alter = (table: string, column: string) => (db: Database.Database) =>
      db.exec(`UPDATE ${table} SET ${column} = zeroblob(60) WHERE rowid = (SELECT min(rowid) FROM ${table})`);
    expect(await damageAfter(alter('environments', 'secrets'))).toEqual([
      expect.objectContaining({ in: 'environments', text: expect.stringContaining('“dev”') }),
    ]);
    expect(await damageAfter(alter('plan_documents', 'document'))).toEqual([
      expect.objectContaining({ in: 'plans', id: 'plan0open' }),
    ]);
    expect(await damageAfter(alter('job_steps', 'intent'))).toEqual([
      expect.objectContaining({ in: 'jobs', text: expect.stringContaining('Apply acme to prod') }),
    ]);
    expect(await damageAfter(alter('key_slots', 'checksum'))).toEqual([
      { in: 'opening', text: expect.stringContaining('slot') },
    ]);
    expect(
      await damageAfter((db) =>
        db.exec(`UPDATE key_slots SET checksum = zeroblob(32) WHERE kind = 'recovery'`),
      ),
    ).toEqual([expect.objectContaining({ in: 'keys', id: 'recovery' })]);
  });

  it('tells each of several findings', async () => {
    const found = await damageAfter((db) =>
      db.exec(`UPDATE environments SET secrets = zeroblob(60); UPDATE jobs SET params = zeroblob(60)`),
    );
    expect(found.filter((one) => one.in === 'environments')).toHaveLength(2);
    expect(found.filter((one) => one.in === 'jobs')).toHaveLength(3);
  });

  it('finds what refers to nothing, and chunks that nobody lists', async () => {
    expect(
      await damageAfter((db) => db.exec('INSERT INTO plan_documents VALUES (99, zeroblob(50))')),
    ).toContainEqual(expect.objectContaining({ in: 'references', text: expect.stringContaining('“plans”') }));
    expect(
      await damageAfter((db) =>
        db.exec(
          `INSERT INTO chunks (id, depth, writer) VALUES (zeroblob(32), 0, 'w');
           INSERT INTO chunk_data SELECT max(seq), zeroblob(90) FROM chunks`,
        ),
      ),
    ).toEqual([expect.objectContaining({ in: 'chunks' })]);
  });

  it('stops when it is told to', async () => {
    const catalog = await catalogs.open();
    await fill(catalog);
    const stop = new AbortController();
    stop.abort();
    await expect(catalog.verify({ signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELED' });
  });
});
