import { cpSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { runCommandLine } from '../../cli/program.ts';
import { fill } from '../../core/catalog/migrations/make-fixture.ts';
import { PASSPHRASE, TestCatalogs } from '../../core/catalog/test-catalog.ts';
import { captured } from './captured.ts';

const catalogs = new TestCatalogs();
let folder: string;
let healthy: string;
let damaged: string;

/** Two backups of one realm; the newer one's description is damaged in one byte. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
  const catalog = await catalogs.open({ dir: join(folder, 'catalog') });
  await fill(catalog);
  const [newer, older] = catalog.snapshots.list();
  [healthy, damaged] = [older!.id, newer!.id];
  catalog.close();
  const db = new Database(join(folder, 'catalog', 'catalog.db'));
  const sealed = db.prepare<[string], Buffer>('SELECT manifest FROM snapshots WHERE id = ?').pluck();
  const altered = sealed.get(damaged)!;
  altered[20]! ^= 1;
  db.prepare('UPDATE snapshots SET manifest = ? WHERE id = ?').run(altered, damaged);
  db.close();
});
afterAll(async () => {
  catalogs.clear();
  await rm(folder, { recursive: true, force: true });
});

async function run(...words: string[]): Promise<{ code: number; json: unknown }> {
  const { code, json } = await runIn(join(folder, 'catalog'), ...words);
  return { code, json };
}

async function runIn(
  catalog: string,
  ...words: string[]
): Promise<{ code: number; json: unknown; err: string }> {
  const around = captured({
    PATH: process.env['PATH'],
    DRAWBRIDGE_CATALOG: catalog,
    DRAWBRIDGE_PASSPHRASE: PASSPHRASE,
  });
  const code = await runCommandLine([...words, '--json'], around);
  return { code, json: around.out() === '' ? undefined : JSON.parse(around.out()), err: around.err() };
}

test('a damaged snapshot hides no other, is told by verify, and goes by the remedy that its error names', async () => {
  const listed = { code: EXIT.done, json: { snapshots: [expect.objectContaining({ id: healthy })] } };
  expect(await run('snapshot', 'list')).toEqual(listed);
  expect(await run('snapshot', 'show', 'latest:prod/acme')).toMatchObject({
    json: { snapshot: { id: healthy } },
  });
  const shown = await run('snapshot', 'show', damaged);
  expect(shown).toMatchObject({
    code: EXIT.catalog,
    json: { error: { code: 'CATALOG_DAMAGED', remedy: expect.stringContaining(`delete ${damaged}`) } },
  });
  expect(await run('snapshot', 'verify')).toMatchObject({
    code: EXIT.catalog,
    json: { snapshots: 2, damaged: [{ snapshot: damaged }] },
  });

  expect(await run('snapshot', 'delete', damaged.slice(0, -1))).toEqual({
    code: EXIT.done,
    json: { deleted: damaged },
  });
  expect(await run('snapshot', 'list')).toEqual(listed);
  expect(await run('snapshot', 'restore-from-trash', damaged)).toMatchObject({
    code: EXIT.catalog,
    json: { error: { code: 'CATALOG_DAMAGED', message: expect.stringContaining('out of the trash') } },
  });
});

test.each([
  ['job', "UPDATE jobs SET head = zeroblob(60) WHERE state = 'failed'", 'jobs', 'half written'],
  ['schedule', 'UPDATE schedules SET state = zeroblob(60)', 'schedules', 'scheduled backup'],
])('a damaged %s keeps no snapshot from being read', async (what, damage, place, untold) => {
  const dir = join(folder, `catalog with a damaged ${what}`);
  cpSync(join(folder, 'catalog'), dir, { recursive: true });
  const db = new Database(join(dir, 'catalog.db'));
  expect(db.prepare(damage).run().changes).toBeGreaterThan(0);
  db.close();
  const shown = await runIn(dir, 'snapshot', 'show', healthy);
  expect(shown).toMatchObject({ code: EXIT.done, json: { snapshot: { id: healthy } } });
  expect(shown.err).toMatch(new RegExp(`^Warning: The catalog is damaged: .*${untold}.*catalog verify\n$`));
  expect(await runIn(dir, 'catalog', 'verify')).toMatchObject({
    code: EXIT.catalog,
    json: { damaged: expect.arrayContaining([expect.objectContaining({ in: place })]) },
  });
});
