import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Catalog } from '../catalog/index.ts';
import { capture, factsOf, user } from '../catalog/snapshots/testing/scratch-store.ts';
import { TestCatalogs } from '../catalog/test-catalog.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { exportArchive } from './export-archive.ts';
import { sectionDigest } from './section-bytes.ts';

const catalogs = new TestCatalogs();
const job = { signal: new AbortController().signal, progress: () => {} };
const DAYS = 3;
const USERS = 2500;
let path: string;
/** Of each snapshot in the archive: its users' hash. */
let digests: string[];

const digestOf = async ({ snapshots }: Catalog, snapshot: string) =>
  (await sectionDigest(snapshots, { snapshot, section: 'users', redacted: false }, job.signal)).sha256;

beforeAll(async () => {
  const catalog = await catalogs.open();
  const days = [];
  for (let day = 0; day < DAYS; day++) {
    const users = Array.from({ length: USERS }, (_, i) => user(i, i % 50 === day ? day : 0));
    const content = { realm: [canonicalRecord('realm', { name: 'acme' })], users };
    days.push(
      await capture(
        catalog.snapshots,
        content,
        { environment: 'prod', realm: 'acme', purpose: 'backup' },
        factsOf(content),
      ),
    );
  }
  path = join(catalogs.newFolder(), 'archive');
  await exportArchive(job, catalog.snapshots, days, {
    path,
    replace: false,
    credentials: true,
    keys: 'none',
  });
  digests = await Promise.all(days.map(({ id }) => digestOf(catalog, id)));
});
afterAll(() => catalogs.clear());

function importing(dir: string, fatal: number) {
  const process_ = join(import.meta.dirname, 'testing', 'import-process.ts');
  return spawnSync(process.execPath, [process_, dir, path, String(fatal)], { encoding: 'utf8' });
}

it(
  'an import that is killed at any time leaves whole snapshots only, and the next one brings the rest',
  { timeout: 240_000 },
  async () => {
    const undisturbed = importing(join(catalogs.newFolder(), 'catalog'), 0);
    const points = Number(undisturbed.stdout);
    expect(points).toBeGreaterThan(12);
    const left: number[] = [];
    for (let fatal = 1; fatal <= points; fatal += Math.max(1, Math.floor(points / 8))) {
      const dir = join(catalogs.newFolder(), 'catalog');
      expect(importing(dir, fatal).signal).toBe('SIGKILL');
      const between = await catalogs.open({ dir });
      const some = between.snapshots.list();
      left.push(some.length);
      for (const { id } of some) expect(digests).toContain(await digestOf(between, id));
      expect((await between.snapshots.verify(undefined)).damaged).toEqual([]);
      between.close();

      expect(importing(dir, 0).status).toBe(0);
      const after = await catalogs.open({ dir });
      const all = after.snapshots.list().toReversed();
      expect(await Promise.all(all.map(({ id }) => digestOf(after, id)))).toEqual(digests);
      expect((await after.snapshots.verify(undefined)).damaged).toEqual([]);
    }
    console.log(`killed ${left.length} times; snapshots left: ${left.join(' ')}`);
    expect(Math.min(...left)).toBe(0);
  },
);
