import { expect, test } from 'vitest';
import { createCatalogSpace } from '../space/catalog-space.ts';
import { capture, readAll, scratchStore, user, users, type ScratchStore } from './testing/scratch-store.ts';

/** Alters a byte of every stored chunk that fits. */
function damageChunks({ db }: ScratchStore, which: string): number {
  const rows = db
    .prepare<[], { seq: number; sealed: Buffer }>(
      `SELECT seq, sealed FROM chunk_data JOIN chunks USING (seq) WHERE ${which}`,
    )
    .all();
  for (const { seq, sealed } of rows) {
    sealed[sealed.length >> 1]! ^= 1;
    db.prepare('UPDATE chunk_data SET sealed = ? WHERE seq = ?').run(sealed, seq);
  }
  return rows.length;
}

test('a new backup does not come to rest on damaged chunks: it stores them anew, and heals what shares them', async () => {
  using scratch = scratchStore();
  const { store } = scratch;
  const people = users(3000);
  const first = await capture(store, { users: people });
  expect(damageChunks(scratch, 'TRUE')).toBeGreaterThan(3);
  expect((await scratch.again().store.verify(undefined)).damaged.length).toBeGreaterThan(0);

  const { store: fresh } = scratch.again();
  const second = await capture(fresh, { users: people });
  expect(second.root).toBe(first.root);
  const { store: reader } = scratch.again();
  expect((await reader.verify(undefined)).damaged).toEqual([]);
  expect(await readAll(reader, first.id, 'users')).toEqual(await readAll(reader, second.id, 'users'));
});

test('a damaged list of chunks is written again', async () => {
  using scratch = scratchStore();
  await capture(scratch.store, { users: users(2000) });
  const lists = scratch.db
    .prepare<[], { seq: number; pages: Buffer }>('SELECT seq, pages FROM chunk_lists')
    .all();
  for (const { seq, pages } of lists) {
    pages[pages.length >> 1]! ^= 1;
    scratch.db.prepare('UPDATE chunk_lists SET pages = ? WHERE seq = ?').run(pages, seq);
  }
  expect((await scratch.again().store.verify(undefined)).damaged.length).toBeGreaterThan(0);
  await capture(scratch.again().store, { users: users(2000) });
  expect((await scratch.again().store.verify(undefined)).damaged).toEqual([]);
});

test('a list that a prune has half deleted is written again, also by a process that remembers its pages', async () => {
  using scratch = scratchStore();
  const { store, seal } = scratch;
  const people = users(3000);
  const first = await capture(store, { users: people });
  // Reads the pages of the first one's list, to be stored as changes against them.
  await capture(store, { users: people.map((person, i) => (i % 2 === 0 ? user(i, 1) : person)) });

  const other = scratch.again();
  other.db.prepare('DELETE FROM snapshots WHERE id = ?').run(first.id);
  let begun = false;
  const space = createCatalogSpace({ db: other.db, seal });
  const { chunks, finished } = await space.reclaim({
    mayDelete: () => !begun,
    onProgress: () => {
      begun = true;
    },
  });
  // Chunks are gone, and the list that named them is not.
  expect([chunks > 0, finished, space.hasUnneeded()]).toEqual([true, false, true]);

  const back = await capture(store, { users: people });
  expect(back.root).toBe(first.root);
  const { store: reader } = scratch.again();
  expect((await reader.verify(undefined)).damaged).toEqual([]);
  expect(await readAll(reader, back.id, 'users')).toHaveLength(people.length);
});

test('a chunk whose base is damaged is stored whole again', async () => {
  using scratch = scratchStore();
  const { store } = scratch;
  const people = users(3000);
  const old = await capture(store, { users: people });
  const changed = people.map((person, i) => (i % 500 === 0 ? user(i, 1) : person));
  const recent = await capture(store, { users: changed });
  expect(damageChunks(scratch, 'depth = 0 AND seq IN (SELECT base FROM chunks)')).toBeGreaterThan(0);

  const { store: fresh } = scratch.again();
  const again = await capture(fresh, { users: changed });
  expect(again.root).toBe(recent.root);
  const { store: reader } = scratch.again();
  expect((await reader.verify(again.id)).damaged).toEqual([]);
  expect((await reader.verify(recent.id)).damaged).toEqual([]);
  expect((await reader.verify(old.id)).damaged.length).toBeGreaterThan(0);

  await capture(scratch.again().store, { users: people });
  expect((await scratch.again().store.verify(undefined)).damaged).toEqual([]);
});

test('nothing is written again where nothing is damaged', async () => {
  using scratch = scratchStore();
  const bytes = () => scratch.db.prepare('SELECT seq, sealed FROM chunk_data ORDER BY seq').all();
  await capture(scratch.store, { users: users(2000) });
  const before = bytes();
  await capture(scratch.again().store, { users: users(2000) });
  expect(bytes()).toEqual(before);
});
