import fc from 'fast-check';
import { cpSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tellFaults } from '../../test/faults/fault-counts.ts';
import type { JsonObject } from '../model/record.ts';
import { contentsOf, fill } from './migrations/make-fixture.ts';
import { TestCatalogs } from './test-catalog.ts';
import { outcomeOf as outcomeAmong, random } from './testing/damaged-copy.ts';

const catalogs = new TestCatalogs();
let dir: string;
let file: string;
let whole: Buffer;
let contents: JsonObject;

beforeAll(async () => {
  const catalog = await catalogs.open();
  await fill(catalog);
  dir = catalog.dir;
  file = join(dir, 'catalog.db');
  contents = await contentsOf(catalog);
  catalog.close();
  whole = readFileSync(file);
});
afterAll(() => {
  catalogs.clear();
  tellFaults('damage to the catalog’s file', faults);
});
const faults = { flips: 0, truncations: 0 };

/** @returns "intact" when everything reads as it was, else the error's code */
async function outcomeOf(damaged: Buffer): Promise<number | string> {
  const outcome = await outcomeAmong(catalogs, { db: damaged }, [contents]);
  return outcome === 0 ? 'intact' : outcome;
}

describe('a damaged catalog', () => {
  it('is intact as long as nobody touches it', async () => {
    expect(await outcomeOf(whole)).toBe('intact');
  });

  it('is said to be damaged, or reads as it was, whichever byte changes', async () => {
    const counts: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (offset, difference) => {
          const damaged = Buffer.from(whole);
          damaged[offset] = damaged[offset]! ^ difference;
          const outcome = await outcomeOf(damaged);
          faults.flips++;
          counts[outcome] = (counts[outcome] ?? 0) + 1;
          expect(['intact', 'CATALOG_DAMAGED']).toContain(outcome);
        },
      ),
      { numRuns: 150 },
    );
    // Most bytes matter: a check that finds nothing would pass the above too.
    expect(counts['CATALOG_DAMAGED']).toBeGreaterThan(15);
  });

  it('is said to be damaged whichever byte of its header changes, unless SQLite does not use it', async () => {
    for (let offset = 0; offset < 100; offset++) {
      const damaged = Buffer.from(whole);
      damaged[offset] = damaged[offset]! ^ 0x55;
      faults.flips++;
      expect([offset, await outcomeOf(damaged)]).toSatisfy(
        ([, outcome]) => outcome === 'intact' || outcome === 'CATALOG_DAMAGED',
      );
    }
  });

  it('is said to be damaged when pages are lost, zeroed or exchanged', async () => {
    const pages = whole.length / 4096;
    for (let page = 0; page < pages; page++) {
      const zeroed = Buffer.from(whole).fill(0, page * 4096, (page + 1) * 4096);
      expect(['intact', 'CATALOG_DAMAGED']).toContain(await outcomeOf(zeroed));
      const exchanged = Buffer.from(whole);
      const other = (page * 7 + 3) % pages;
      whole.copy(exchanged, page * 4096, other * 4096, (other + 1) * 4096);
      expect(['intact', 'CATALOG_DAMAGED']).toContain(await outcomeOf(exchanged));
      // SQLite reads what was cut off of a page as zeros: where nothing else was there, nothing is lost.
      const rest = whole.subarray(page * 4096 + 2048);
      const outcome = await outcomeOf(whole.subarray(0, page * 4096 + 2048));
      faults.truncations++;
      if (rest.some((byte) => byte !== 0)) expect(outcome).toBe('CATALOG_DAMAGED');
      else expect(['intact', 'CATALOG_DAMAGED']).toContain(outcome);
    }
  });

  it('is said to be damaged when it is cut off at any length', async () => {
    const next = random(5);
    for (let i = 0; i < 40; i++) {
      const length = 1 + Math.floor(next() * (whole.length - 1));
      const aligned = length - (length % 4096);
      faults.truncations += 2;
      expect([length, await outcomeOf(whole.subarray(0, length))]).toEqual([length, 'CATALOG_DAMAGED']);
      expect([aligned, await outcomeOf(whole.subarray(0, aligned))]).toEqual([
        aligned,
        aligned === 0 ? 'CATALOG_MISSING' : 'CATALOG_DAMAGED',
      ]);
    }
  });

  it('is never overwritten by a new one', async () => {
    const copy = join(catalogs.newFolder(), 'catalog');
    cpSync(dir, copy, { recursive: true });
    truncateSync(join(copy, 'catalog.db'), 4096);
    const before = readFileSync(join(copy, 'catalog.db'));
    await expect(catalogs.open({ dir: copy, create: true })).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
    });
    expect(readFileSync(join(copy, 'catalog.db')).equals(before)).toBe(true);
  });
});
