import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEngine, type Engine } from '../../core/engine/index.ts';

let folder: string;
let engine: Engine;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-kept-'));
  engine = await openEngine({
    catalogDir: join(folder, 'catalog'),
    keys: { passphrase: async () => 'a passphrase of the test' },
    createCatalog: true,
    testing: { scrypt: { n: 1024, r: 8, p: 1 } },
  });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

// Windows choose a file in a dialog and ask to replace it: the command line's own look is not between.
it('refuses to write anything over the catalog, before a job begins', async () => {
  const { client } = engine;
  const document = join(folder, 'acme.json');
  writeFileSync(document, '{"realm":{"id":"acme"},"users":[{"username":"ann"}]}');
  const { id: job } = await client.jobs.start({ kind: 'import-file', path: document });
  await expect.poll(async () => (await client.jobs.get({ job })).state, { timeout: 5_000 }).toBe('succeeded');
  const snapshot = (await client.snapshots.list({}))[0]!.id;
  const own = join(folder, 'catalog', 'catalog.db');
  const link = join(folder, 'link');
  symlinkSync(`${own}-wal`, link);
  const before = statSync(own).ino;
  const jobs = (await client.jobs.list({ limit: 10 })).length;

  for (const path of [own, `${own}-wal`, `${own}-shm`, link]) {
    const refused = expect.objectContaining({ code: 'USAGE' });
    await expect(
      client.jobs.start({
        kind: 'export-file',
        snapshot,
        path,
        format: 'opengate',
        includeSecrets: false,
        replace: true,
      }),
    ).rejects.toThrow(refused);
    await expect(
      client.jobs.start({
        kind: 'export-archive',
        snapshots: [snapshot],
        path,
        credentials: true,
        replace: true,
        keys: 'none',
      }),
    ).rejects.toThrow(refused);
    await expect(client.jobs.saveReport({ job, format: 'html', path, replace: true })).rejects.toThrow(
      refused,
    );
  }
  expect(await client.jobs.list({ limit: 10 })).toHaveLength(jobs);
  expect(statSync(own).ino).toBe(before);
  expect(readFileSync(own).toString('latin1', 0, 15)).toBe('SQLite format 3');
});
