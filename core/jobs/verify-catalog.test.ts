import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCatalog, type Catalog } from '../catalog/index.ts';
import { CHEAP_SCRYPT } from '../catalog/test-catalog.ts';
import { verifyCatalog } from './verify-catalog.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-verify-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const job = { signal: new AbortController().signal, progress: () => {} };

async function inCatalog<T>(work: (catalog: Catalog) => T | Promise<T>): Promise<T> {
  const keys = { passphrase: () => Promise.resolve('a passphrase') };
  const catalog = await openCatalog({ dir, keys, create: true, testing: { scrypt: CHEAP_SCRYPT } });
  try {
    return await work(catalog);
  } finally {
    catalog.close();
  }
}

it('proves what the catalog keeps beside snapshots', async () => {
  await inCatalog((catalog) => {
    catalog.environments.add({
      name: 'dev',
      api: { apiUrl: 'http://localhost:8089', clientId: 'admin-cli', clientSecret: 'a secret' },
    });
    catalog.jobs.create({ kind: 'backup', title: 'Back up', params: {} });
  });
  expect((await inCatalog((catalog) => verifyCatalog(job, catalog, undefined))).damaged).toEqual([]);

  const db = new Database(join(dir, 'catalog.db'));
  const secrets = db.prepare('SELECT secrets FROM environments').pluck().get() as Buffer;
  secrets[secrets.length - 3]! ^= 1;
  db.prepare('UPDATE environments SET secrets = ?').run(secrets);
  db.close();
  const { damaged } = await inCatalog((catalog) => verifyCatalog(job, catalog, undefined));
  expect(damaged).toHaveLength(1);
  expect(damaged[0]!.text).not.toContain('a secret');
});
