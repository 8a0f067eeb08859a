import { statSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CanonicalRecord } from '../../model/record.ts';
import {
  capture,
  DEV,
  factsOf,
  readAll,
  scratchStore,
  spread,
  user,
  users,
  type ScratchStore,
} from '../snapshots/testing/scratch-store.ts';
import { createCatalogSpace } from './catalog-space.ts';

const ALWAYS = { mayDelete: () => true };

function spaceOf({ db, seal }: ScratchStore) {
  return createCatalogSpace({ db, seal });
}

const count = ({ db }: ScratchStore, table: string) =>
  db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;

/** Deletes for good, as if they had been in the trash for long. */
async function deleteForGood(scratch: ScratchStore, ids: readonly string[]): Promise<void> {
  expect(scratch.store.moveSomeToTrash(ids)).toBe(ids.length);
  expect(await spaceOf(scratch).deleteTrashed(ids, ALWAYS)).toEqual({
    snapshots: ids.length,
    finished: true,
  });
}

/** Snapshots of a realm of which some users change from one to the next. */
async function generations(
  scratch: ScratchStore,
  many: number,
  size = 3000,
): Promise<{ id: string; records: CanonicalRecord[] }[]> {
  const current = users(size);
  const taken: { id: string; records: CanonicalRecord[] }[] = [];
  for (let generation = 0; generation < many; generation++) {
    if (generation > 0)
      for (let i = 0; i < size / 100; i++) {
        const number = spread(i, 500 + generation) % size;
        current[number] = user(number, generation);
      }
    const records = [...current];
    taken.push({ id: (await capture(scratch.store, { users: records })).id, records });
  }
  return taken;
}

async function expectWhole(
  scratch: ScratchStore,
  kept: readonly { id: string; records: readonly CanonicalRecord[] }[],
): Promise<void> {
  const report = await scratch.store.verify(undefined);
  expect([report.snapshots, report.damaged]).toEqual([kept.length, []]);
  for (const { id, records } of kept) {
    const lines = (await readAll(scratch.store, id, 'users')).map(({ line }) => line.toString()).toSorted();
    expect(lines).toEqual(records.map(({ line }) => line.toString()).toSorted());
  }
  expect(scratch.db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(scratch.db.pragma('foreign_key_check')).toEqual([]);
}

describe('reclaiming', () => {
  test('finds nothing where every snapshot is kept', async () => {
    using scratch = scratchStore();
    await generations(scratch, 3);
    expect(spaceOf(scratch).hasUnneeded()).toBe(false);
    const before = count(scratch, 'chunks');
    expect(await spaceOf(scratch).reclaim(ALWAYS)).toEqual({ chunks: 0, bytes: 0, finished: true });
    expect(count(scratch, 'chunks')).toBe(before);
  });

  test('deletes what only deleted snapshots needed, and leaves the others whole, whatever theirs are built on', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 14);
    const kept = [all[3]!, all[9]!, all[13]!];
    const [rows, stored] = [
      count(scratch, 'chunks'),
      scratch.db.prepare('SELECT total(length(sealed)) FROM chunk_data').pluck().get() as number,
    ];
    await deleteForGood(
      scratch,
      all.filter((one) => !kept.includes(one)).map(({ id }) => id),
    );
    const reclaimed = await spaceOf(scratch).reclaim(ALWAYS);
    expect(reclaimed.finished).toBe(true);
    expect(reclaimed.chunks).toBeGreaterThan(20);
    expect(count(scratch, 'chunks')).toBe(rows - reclaimed.chunks);
    expect(count(scratch, 'chunk_data')).toBe(rows - reclaimed.chunks);
    expect(scratch.db.prepare('SELECT total(length(sealed)) FROM chunk_data').pluck().get()).toBe(
      stored - reclaimed.bytes,
    );
    expect(count(scratch, 'chunk_lists')).toBe(kept.length);
    // Few changes a day do not make it worth rewriting: something is kept that is only a base, and no list names it.
    expect(scratch.db.prepare('SELECT max(depth) FROM chunks').pluck().get()).toBeGreaterThan(3);
    await expectWhole(scratch, kept);
    // A later backup goes on from there.
    const next = await capture(scratch.store, { users: all[13]!.records });
    expect(next.unchangedSince).toBe(all[13]!.id);
    expect(spaceOf(scratch).hasUnneeded()).toBe(false);
  });

  test.each([
    ['half of the records', 2, 2.5],
    ['nine of ten', 10 / 9, 1.5],
  ])(
    'after changes of %s each time stores what is kept whole, instead of the chain behind it',
    async (_what, oneIn, growth) => {
      using scratch = scratchStore();
      let current = users(3000);
      const all: { id: string; records: CanonicalRecord[] }[] = [];
      for (let generation = 0; generation < 9; generation++) {
        current = current.map((record, i) =>
          generation > 0 && spread(i, 70 + generation) % 100 < 100 / oneIn ? user(i, generation) : record,
        );
        all.push({ id: (await capture(scratch.store, { users: current })).id, records: current });
      }
      const stored = () =>
        scratch.db.prepare('SELECT total(length(sealed)) FROM chunk_data').pluck().get() as number;
      using fresh = scratchStore();
      await capture(fresh.store, { users: current });
      const alone = fresh.db.prepare('SELECT total(length(sealed)) FROM chunk_data').pluck().get() as number;
      expect(stored()).toBeGreaterThan(growth * alone);
      await deleteForGood(
        scratch,
        all.slice(0, -1).map(({ id }) => id),
      );
      expect(await spaceOf(scratch).reclaim(ALWAYS)).toMatchObject({ finished: true });
      expect(stored()).toBeLessThan(1.25 * alone);
      await expectWhole(scratch, all.slice(-1));
      const next = await capture(scratch.store, { users: current.slice(1) });
      await expectWhole(scratch, [...all.slice(-1), { id: next.id, records: current.slice(1) }]);
    },
  );

  test('of everything leaves nothing', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 5);
    await deleteForGood(
      scratch,
      all.map(({ id }) => id),
    );
    expect(spaceOf(scratch).hasUnneeded()).toBe(true);
    await spaceOf(scratch).reclaim(ALWAYS);
    for (const table of ['chunks', 'chunk_data', 'chunk_lists', 'snapshots', 'snapshot_sections'])
      expect(count(scratch, table)).toBe(0);
  });

  test('keeps what is in the trash, until it is deleted for good', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 3);
    scratch.store.moveToTrash(all[0]!.id);
    scratch.store.moveToTrash(all[1]!.id);
    scratch.store.setPinned(all[1]!.id, true);
    await spaceOf(scratch).reclaim(ALWAYS);
    await expectWhole(scratch, all);
    const ids = all.map(({ id }) => id);
    expect(await spaceOf(scratch).deleteTrashed(ids, ALWAYS)).toEqual({ snapshots: 1, finished: true });
    await spaceOf(scratch).reclaim(ALWAYS);
    scratch.store.restoreFromTrash(all[1]!.id);
    await expectWhole(scratch, all.slice(1));
  });

  test('takes what a writer left that was killed', async () => {
    using scratch = scratchStore();
    const [first] = await generations(scratch, 1);
    const rows = count(scratch, 'chunks');
    await capture(scratch.store, { users: users(5000).slice(3000) }, { ...DEV, realm: 'other' });
    // As if it had been killed just before its snapshot became visible.
    scratch.db.exec(`UPDATE chunks SET writer = 'killed' WHERE seq > ${rows};
      DELETE FROM snapshots WHERE seq = 2; DELETE FROM chunk_lists WHERE seq = 2`);
    expect(spaceOf(scratch).hasUnneeded()).toBe(true);
    expect(await spaceOf(scratch).reclaim(ALWAYS)).toMatchObject({ finished: true });
    expect(count(scratch, 'chunks')).toBe(rows);
    expect(spaceOf(scratch).hasUnneeded()).toBe(false);
    await expectWhole(scratch, [first!]);
  });

  test('deletes nothing while a list cannot be read, since nobody knows what it needs', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 4);
    await deleteForGood(scratch, [all[0]!.id]);
    const { db } = scratch;
    const pages = db
      .prepare('SELECT pages FROM chunk_lists ORDER BY seq DESC LIMIT 1')
      .pluck()
      .get() as Buffer;
    const altered = Buffer.from(pages);
    altered[20]! ^= 1;
    db.prepare('UPDATE chunk_lists SET pages = ? WHERE pages = ?').run(altered, pages);
    const before = count(scratch, 'chunks');
    await expect(spaceOf(scratch).reclaim(ALWAYS)).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
    expect(count(scratch, 'chunks')).toBe(before);
    db.prepare('UPDATE chunk_lists SET pages = ? WHERE pages = ?').run(pages, altered);
    expect((await spaceOf(scratch).reclaim(ALWAYS)).finished).toBe(true);
    await expectWhole(scratch, all.slice(1));
  });
});

describe('beside others', () => {
  test('nothing is deleted while somebody may count on it', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 4);
    const never = { mayDelete: () => false };
    scratch.store.moveToTrash(all[0]!.id);
    expect(await spaceOf(scratch).deleteTrashed([all[0]!.id], never)).toEqual({
      snapshots: 0,
      finished: false,
    });
    await spaceOf(scratch).deleteTrashed([all[0]!.id], ALWAYS);
    const before = count(scratch, 'chunks');
    expect(await spaceOf(scratch).reclaim(never)).toMatchObject({ chunks: 0, finished: false });
    expect(count(scratch, 'chunks')).toBe(before);
  });

  test('a snapshot that is stored meanwhile, and shares what was to go, is whole', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 8);
    await deleteForGood(
      scratch,
      all.slice(0, 7).map(({ id }) => id),
    );
    // Between what was found and the first deletion, another process stores one of those that are gone again.
    const other = scratch.again().store;
    let again: string | undefined;
    const writer = other.begin(DEV);
    await writer.add('users', all[2]!.records);
    const stored = writer.commit(factsOf({ users: [] }), new AbortController().signal);
    const first = spaceOf(scratch).reclaim({
      mayDelete: () => again !== undefined,
    });
    again = (await stored).id;
    const outcome = await first;
    const kept = [all[7]!, { id: again, records: all[2]!.records }];
    if (!outcome.finished) await spaceOf(scratch).reclaim(ALWAYS);
    await expectWhole(scratch, kept);
  });

  test('a writer without any protection either stores what is whole, or is refused', async () => {
    using scratch = scratchStore();
    const kept = (await generations(scratch, 6)).slice(-1);
    const all = scratch.store.list().map(({ id }) => id);
    await deleteForGood(
      scratch,
      all.filter((id) => id !== kept[0]!.id),
    );
    let stored = 0;
    let refused = 0;
    for (let attempt = 0; attempt < 12; attempt++) {
      const records = users(3000).map((record, i) => (i % 50 === attempt ? user(i, 30 + attempt) : record));
      const doomed = await capture(scratch.store, { users: records });
      await deleteForGood(scratch, [doomed.id]);
      // Earlier and earlier in the sweep, until it is before it.
      const storing = capture(scratch.again().store, { users: records });
      storing.catch(() => {});
      for (let turn = 0; turn < attempt; turn++) await new Promise(setImmediate);
      const sweeping = spaceOf(scratch).reclaim(ALWAYS);
      try {
        const { id } = await storing;
        kept.push({ id, records });
        stored++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'CATALOG_LOCKED' });
        refused++;
      }
      await sweeping;
    }
    expect(stored + refused).toBe(12);
    expect(stored).toBeGreaterThan(0);
    await spaceOf(scratch).reclaim(ALWAYS);
    await expectWhole(scratch, kept);
  });

  test('whatever is stored, deleted and reclaimed in whatever order, what is kept stays whole', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('capture' as const), change: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ kind: fc.constant('delete' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('reclaim' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        using scratch = scratchStore();
        const current = users(500);
        const kept: { id: string; records: CanonicalRecord[] }[] = [];
        let revision = 0;
        for (const one of steps) {
          if (one.kind === 'capture') {
            revision++;
            for (let i = 0; i < one.change; i++) {
              const number = spread(i, revision) % current.length;
              current[number] = user(number, revision);
            }
            kept.push({ id: (await capture(scratch.store, { users: current })).id, records: [...current] });
          } else if (one.kind === 'delete' && kept.length > 0) {
            const [gone] = kept.splice(one.at % kept.length, 1);
            await deleteForGood(scratch, [gone!.id]);
          } else if (one.kind === 'reclaim') await spaceOf(scratch).reclaim(ALWAYS);
        }
        await spaceOf(scratch).reclaim(ALWAYS);
        await expectWhole(scratch, kept);
        const { unneeded } = await spaceOf(scratch).costs([{ snapshots: kept.map(({ id }) => id) }]);
        expect(unneeded).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the file', () => {
  test('gives back its free pages, and grows again', async () => {
    using scratch = scratchStore();
    const all = await generations(scratch, 2, 30_000);
    const space = spaceOf(scratch);
    const full = space.fileSize();
    expect(full).toMatchObject({ free: 0, shrinks: true });
    await deleteForGood(
      scratch,
      all.map(({ id }) => id),
    );
    await space.reclaim(ALWAYS);
    expect(space.fileSize()).toMatchObject({ bytes: full.bytes });
    expect(space.fileSize().free).toBeGreaterThan(full.bytes / 2);
    await space.giveBack();
    expect(space.fileSize().free).toBe(0);
    expect(space.fileSize().bytes).toBeLessThan(full.bytes / 4);
    expect(statSync(scratch.file).size).toBe(space.fileSize().bytes);
    const { id } = await capture(scratch.store, { users: all[0]!.records });
    await expectWhole(scratch, [{ id, records: all[0]!.records }]);
  });

  test('of a catalog that could not shrink when it was made fills its free pages again', async () => {
    using scratch = scratchStore();
    scratch.db.pragma('journal_mode = DELETE');
    scratch.db.pragma('auto_vacuum = NONE');
    scratch.db.exec('VACUUM');
    scratch.db.pragma('journal_mode = WAL');
    const space = spaceOf(scratch);
    const [first] = await generations(scratch, 1, 20_000);
    const full = space.fileSize();
    expect(full.shrinks).toBe(false);
    await deleteForGood(scratch, [first!.id]);
    await space.reclaim(ALWAYS);
    await space.giveBack();
    expect(space.fileSize()).toMatchObject({ bytes: full.bytes });
    await capture(scratch.store, { users: first!.records });
    expect(space.fileSize().bytes).toBeLessThan(full.bytes * 1.05);
  });
});

test('costs are told apart: what each group alone needs, and what several share', async () => {
  using scratch = scratchStore();
  const { store } = scratch;
  const a = await capture(store, { users: users(3000) });
  const b = await capture(store, { users: users(3000) }, { ...DEV, environment: 'prod' });
  const c = await capture(
    store,
    { users: Array.from({ length: 2000 }, (_, i) => user(i, 9, `other-${i}`)) },
    { ...DEV, realm: 'other' },
  );
  const costs = await spaceOf(scratch).costs([[a.id], [b.id], [c.id]].map((snapshots) => ({ snapshots })));
  const [ofA, ofB, ofC] = costs.groups;
  expect(ofA).toEqual(ofB);
  expect(ofA).toMatchObject({ own: 0, distinct: a.summaries.users!.bytes });
  expect(ofA!.shared).toBeGreaterThan(50_000);
  expect(ofC).toMatchObject({ shared: 0, distinct: c.summaries.users!.bytes });
  expect(costs).toMatchObject({
    stored: ofA!.shared + ofC!.own,
    unneeded: 0,
    distinct: ofA!.distinct + ofC!.distinct,
    damaged: [],
  });
  expect(await spaceOf(scratch).costs([{ snapshots: [a.id] }])).toMatchObject({
    unneeded: ofC!.own,
    groups: [{ own: ofA!.shared, shared: 0 }],
  });
});
