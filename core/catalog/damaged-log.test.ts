import Database from 'better-sqlite3';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tellFaults } from '../../test/faults/fault-counts.ts';
import type { JsonObject } from '../model/record.ts';
import type { Catalog } from './index.ts';
import { contentsOf, fill } from './migrations/make-fixture.ts';
import { TestCatalogs } from './test-catalog.ts';
import { flipped, outcomeOf, placed, random, type CatalogFiles } from './testing/damaged-copy.ts';

const catalogs = new TestCatalogs();
afterAll(() => {
  catalogs.clear();
  tellFaults('damage to the write-ahead log', faults);
});
const faults = { flips: 0, truncations: 0 };

const HEADER = 32;
const FRAME = 24 + 4096;

/** A catalog as a killed process leaves it, with what it held after each of its last transactions. */
interface Killed {
  readonly files: CatalogFiles & { readonly wal: Buffer };
  readonly states: readonly JsonObject[];
  /** Of the log at the first state. */
  readonly filled: number;
}

const killed: { logged: Killed; checkpointed: Killed } = {} as never;

beforeAll(async () => {
  killed.logged = await leave(false);
  killed.checkpointed = await leave(true);
});

/** @param checkpoint write what is in the log back into the file midway, as SQLite does by itself when the log is large */
async function leave(checkpoint: boolean): Promise<Killed> {
  const catalog = await catalogs.open();
  await fill(catalog);
  // Who reads keeps the log from being begun anew.
  using reader = checkpoint ? reading(catalog) : undefined;
  reader?.checkpoint();
  const states = [await contentsOf(catalog)];
  const filled = statSync(join(catalog.dir, 'catalog.db-wal')).size;
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    change(catalog, name);
    states.push(await contentsOf(catalog));
  }
  const read = (name: string) => readFileSync(join(catalog.dir, name));
  return { files: { db: read('catalog.db'), wal: read('catalog.db-wal') }, states, filled };
}

function reading({ dir }: Catalog) {
  const db = new Database(join(dir, 'catalog.db'));
  db.exec('BEGIN; SELECT count(*) FROM catalog');
  return {
    checkpoint() {
      const other = new Database(join(dir, 'catalog.db'));
      other.pragma('wal_checkpoint(PASSIVE)');
      other.close();
    },
    [Symbol.dispose]: () => void db.close(),
  };
}

function change({ environments }: Catalog, name: string): void {
  environments.add({ name, api: { apiUrl: 'https://iam.example', clientId: 'c', clientSecret: name } });
}

/** Where the last transaction that ended begins, and where it ends. */
function lastTransaction(wal: Buffer): { from: number; to: number } {
  const ends: number[] = [];
  for (let at = HEADER; at + FRAME <= wal.length; at += FRAME)
    if (wal.readUInt32BE(at + 4) > 0 && wal.subarray(at + 8, at + 16).equals(wal.subarray(16, 24)))
      ends.push(at + FRAME);
  return { from: ends.at(-2)!, to: ends.at(-1)! };
}

describe.each(['logged', 'checkpointed'] as const)('a write-ahead log (%s)', (kind) => {
  it('is read to its end as long as nobody touches it', async () => {
    const { files, states } = killed[kind];
    expect(await outcomeOf(catalogs, files, states)).toBe(0);
    expect(lastTransaction(files.wal).to).toBe(files.wal.length);
  });

  it('loses nothing without a word, whichever of 120 bytes changes', async () => {
    const { files, states } = killed[kind];
    const { from } = lastTransaction(files.wal);
    const next = random(kind === 'logged' ? 1 : 2);
    const counts: Record<string, number> = {};
    for (let i = 0; i < 120; i++) {
      const offset = Math.floor(next() * files.wal.length);
      const wal = flipped(files.wal, offset, 1 + Math.floor(next() * 255));
      const outcome = await outcomeOf(catalogs, { db: files.db, wal }, states);
      faults.flips++;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      // The end of the log cannot be told from one that a power cut left: then it is as before its last transaction.
      const harmless = offset >= from ? [0, 1, 'CATALOG_DAMAGED'] : [0, 'CATALOG_DAMAGED'];
      expect([offset, outcome]).toSatisfy(([, found]) => harmless.includes(found));
    }
    expect(counts['CATALOG_DAMAGED']).toBeGreaterThan(80);
  });

  it('is told to be damaged whichever byte of its header changes, and of a frame’s', async () => {
    const { files, states } = killed[kind];
    for (let offset = 0; offset < HEADER + 24; offset++) {
      const wal = flipped(files.wal, offset, 0x41);
      faults.flips++;
      expect([offset, await outcomeOf(catalogs, { db: files.db, wal }, states)]).toEqual([
        offset,
        'CATALOG_DAMAGED',
      ]);
    }
  });

  it('is not changed by the attempt to open it', async () => {
    const { files } = killed[kind];
    const wal = flipped(files.wal, HEADER + 100, 1);
    const dir = placed(catalogs, { db: files.db, wal });
    await expect(catalogs.open({ dir })).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
      remedy: expect.stringContaining('catalog repair'),
    });
    expect(readFileSync(join(dir, 'catalog.db')).equals(files.db)).toBe(true);
    expect(readFileSync(join(dir, 'catalog.db-wal')).equals(wal)).toBe(true);
  });

  it('that was cut off is as it was before, or is told to be damaged', async () => {
    const { files, states, filled } = killed[kind];
    const next = random(3);
    for (let i = 0; i < 30; i++) {
      const length = filled + Math.floor(next() * (files.wal.length - filled));
      const outcome = await outcomeOf(catalogs, { db: files.db, wal: files.wal.subarray(0, length) }, states);
      faults.truncations++;
      expect([length, outcome]).toSatisfy(
        ([, found]) => found === 'CATALOG_DAMAGED' || typeof found === 'number',
      );
    }
  });

  it('that was cut off anywhere leaves a catalog that is whole, or is told to be damaged', async () => {
    const { files, filled } = killed[kind];
    const next = random(4);
    const lengths = Array.from({ length: 30 }, () => Math.floor(next() * filled));
    for (const length of [...lengths, 0, HEADER, HEADER + 10]) {
      const dir = placed(catalogs, { db: files.db, wal: files.wal.subarray(0, length) });
      faults.truncations++;
      const outcome = await catalogs.open({ dir, create: false }).then(
        async (catalog) => (await catalog.verify()).damaged,
        ({ code }: { code: string }) => code,
      );
      expect([length, outcome]).toSatisfy(
        ([, found]) =>
          ['CATALOG_DAMAGED', 'CATALOG_MISSING'].includes(found as string) ||
          (Array.isArray(found) && found.length === 0),
      );
    }
  });
});

describe('a write-ahead log that a crash broke off', () => {
  it('is no damage: its last transaction was never reported as stored', async () => {
    const { files, states } = killed.logged;
    const { from, to } = lastTransaction(files.wal);
    expect(to - from).toBeGreaterThan(FRAME);
    for (const length of [from, from + 10, from + FRAME, to - 1]) {
      const wal = files.wal.subarray(0, length);
      expect([length, await outcomeOf(catalogs, { db: files.db, wal }, states)]).toEqual([length, 1]);
    }
    // Written out of order, and one frame of it never: the end is there, what stands before it is not.
    const torn = Buffer.from(files.wal).fill(0, from + 24, from + 24 + 512);
    expect(await outcomeOf(catalogs, { db: files.db, wal: torn }, states)).toBe(1);
  });

  it('may have a longer one under it, which was written back before', async () => {
    const catalog = await catalogs.open();
    await fill(catalog);
    const other = new Database(join(catalog.dir, 'catalog.db'));
    // From its beginning again: the old frames stay behind the new ones.
    other.pragma('wal_checkpoint(RESTART)');
    other.close();
    change(catalog, 'one');
    const states = [await contentsOf(catalog)];
    change(catalog, 'two');
    states.push(await contentsOf(catalog));
    const read = (name: string) => readFileSync(join(catalog.dir, name));
    const files = { db: read('catalog.db'), wal: read('catalog.db-wal') };
    expect(lastTransaction(files.wal).to).toBeLessThan(files.wal.length);
    expect(await outcomeOf(catalogs, files, states)).toBe(0);
  });
});
