import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestCatalogs } from '../test-catalog.ts';
import { contentsOf, FIXTURES } from './make-fixture.ts';
import { MIGRATIONS } from './migrations.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

interface Contents {
  readonly remembered?: Readonly<Record<string, { readonly at: number }>>;
}

const versions = MIGRATIONS.map((_, i) => `v${i + 1}`);

describe('frozen catalogs', () => {
  it('are there for every version, and no other (npx node core/catalog/migrations/make-fixture.ts)', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual([...versions].sort());
  });

  it.each(versions)('of %s open, and hold what they held', async (version) => {
    const dir = catalogs.newFolder();
    cpSync(join(FIXTURES, version, 'catalog.db'), join(dir, 'catalog.db'));
    const contents = JSON.parse(readFileSync(join(FIXTURES, version, 'contents.json'), 'utf8')) as Contents;
    // What a capture remembers is good for a day.
    const then = contents.remembered?.['user 1']?.at;
    const testing = then === undefined ? {} : { now: () => new Date(then + 60_000) };
    const catalog = await catalogs.open({ dir, create: false, testing });
    expect(await contentsOf(catalog)).toEqual(contents);
    expect((await catalog.snapshots.verify(undefined)).damaged).toEqual([]);
    catalog.checkIntegrity();
  });
});
