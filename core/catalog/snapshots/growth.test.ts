import { describe, expect, test } from 'vitest';
import { canonicalRecord } from '../../model/canonical.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import {
  capture,
  DEV,
  readAll,
  scratchStore,
  spread,
  user,
  users,
  type ScratchStore,
} from './testing/scratch-store.ts';

const USERS = 20_000;
const CHANGED = 200;
/** What issue and README promise: bytes per changed user, and beside them for a snapshot. */
const budget = (changed: number) => 300 * changed + 64 * 1024;

/** Bytes of stored data, with what SQLite needs to find it; pages are counted by what they hold. */
function stored({ db }: ScratchStore): number {
  const sum = (sql: string) => db.prepare(sql).pluck().get() as number;
  return (
    sum('SELECT total(length(sealed) + 12) FROM chunk_data') +
    sum('SELECT total(90) FROM chunks') +
    sum('SELECT total(length(pages) + 80) FROM chunk_lists') +
    sum('SELECT total(length(manifest) + length(labels) + 300) FROM snapshots')
  );
}

async function grownBy(scratch: ScratchStore, records: readonly CanonicalRecord[]): Promise<number> {
  const before = stored(scratch);
  const { id } = await capture(scratch.store, { users: records });
  const grown = stored(scratch) - before;
  expect(await readAll(scratch.store, id, 'users')).toHaveLength(records.length);
  return grown;
}

const scattered = (salt: number) =>
  new Set(Array.from({ length: CHANGED }, (_, i) => spread(i, salt) % USERS));

describe('what a snapshot costs beside the one before', () => {
  test('unchanged: its description', async () => {
    using scratch = scratchStore();
    const first = await grownBy(scratch, users(USERS));
    const again = await grownBy(scratch, users(USERS));
    expect(first).toBeGreaterThan(500_000);
    expect(again).toBeLessThan(4096);
  });

  test('scattered updates, insertions and deletions: what changed', async () => {
    using scratch = scratchStore();
    await grownBy(scratch, users(USERS));
    const updated = scattered(1);
    const changed = users(USERS).map((record, i) => (updated.has(i) ? user(i, 1) : record));
    expect(await grownBy(scratch, changed)).toBeLessThan(budget(CHANGED));
    const inserted = Array.from({ length: CHANGED }, (_, i) => user(USERS + i));
    expect(await grownBy(scratch, [...changed, ...inserted])).toBeLessThan(budget(CHANGED));
    const deleted = scattered(2);
    expect(
      await grownBy(
        scratch,
        changed.filter((_record, i) => !deleted.has(i)),
      ),
    ).toBeLessThan(budget(2 * CHANGED));
    expect((await scratch.store.verify(undefined)).damaged).toEqual([]);
  });

  test('twenty generations in a row: the same each time, though no chain grows longer than 8', async () => {
    using scratch = scratchStore();
    const current = users(USERS);
    await grownBy(scratch, current);
    for (let generation = 1; generation <= 20; generation++) {
      for (const i of scattered(100 + generation)) current[i] = user(i, generation);
      expect(await grownBy(scratch, current)).toBeLessThan(budget(CHANGED));
    }
    const deepest = scratch.db.prepare('SELECT max(depth) FROM chunks').pluck().get();
    expect(deepest).toBe(8);
    expect((await scratch.store.verify(undefined)).damaged).toEqual([]);
  });

  test('every line rewritten: no more than storing it whole', async () => {
    const hashes = (salt: number) =>
      Array.from({ length: 8000 }, (_, i) => {
        const noise = Array.from({ length: 6 }, (_unused, k) => spread(i, salt + k).toString(36)).join('');
        return canonicalRecord('credentials', {
          username: user(i).key,
          type: 'PASSWORD',
          secretHash: `$2a$12$${noise}`,
        });
      });
    const cost = async (scratch: ScratchStore, salt: number) => {
      const before = stored(scratch);
      await capture(scratch.store, { credentials: hashes(salt) });
      return stored(scratch) - before;
    };
    using fresh = scratchStore();
    const whole = await cost(fresh, 50);
    using scratch = scratchStore();
    await cost(scratch, 10);
    expect(await cost(scratch, 50)).toBeLessThan(whole * 1.01);
  });

  test('the same realm in another environment: next to nothing', async () => {
    using scratch = scratchStore();
    await grownBy(scratch, users(USERS));
    const before = stored(scratch);
    await capture(scratch.store, { users: users(USERS) }, { ...DEV, environment: 'prod' });
    const elsewhere = { ...DEV, environment: 'prod', realm: 'copy' };
    await capture(scratch.store, { users: users(USERS) }, elsewhere);
    expect(stored(scratch) - before).toBeLessThan(8192);
  });
});
