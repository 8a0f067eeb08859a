import { describe, expect, test } from 'vitest';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import {
  capture,
  DEV,
  readAll,
  scratchStore,
  user,
  users,
  type ScratchStore,
} from './testing/scratch-store.ts';

const DAMAGED = expect.objectContaining({ code: 'CATALOG_DAMAGED' });

/** Two backups of one realm and one of another, of which the newer of the two is damaged in one byte of a column. */
async function withDamage(scratch: ScratchStore, column: 'manifest' | 'labels') {
  const { store } = scratch;
  const old = await capture(store, { users: users(500) });
  const other = await capture(store, { users: users(5) }, { ...DEV, realm: 'other' });
  const broken = await capture(store, { users: users(600) });
  damage(scratch, broken, column);
  return { old, other, broken };
}

function damage({ db }: ScratchStore, { id }: SnapshotManifest, column: 'manifest' | 'labels'): void {
  const sealed = db
    .prepare<[string], Buffer>(`SELECT ${column} FROM snapshots WHERE id = ?`)
    .pluck()
    .get(id)!;
  sealed[20]! ^= 1;
  db.prepare(`UPDATE snapshots SET ${column} = ? WHERE id = ?`).run(sealed, id);
}

describe.each(['manifest', 'labels'] as const)('one damaged byte in the %s of a snapshot', (column) => {
  test('hides no other snapshot, and is told', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const { old, other, broken } = await withDamage(scratch, column);
    expect(store.list()).toEqual([other, old]);
    expect(store.list({ environment: 'dev', realm: 'acme' })).toEqual([old]);
    expect(store.latest('dev', 'acme')).toEqual(old);
    expect(store.damaged()).toEqual([{ id: broken.id, text: expect.stringContaining(broken.id) }]);
    expect(store.damaged({ trash: true })).toEqual([]);
    expect(await store.verify(undefined)).toMatchObject({ snapshots: 3, damaged: [{ snapshot: broken.id }] });
  });

  test('does not keep the realm from being backed up, nor is the new backup “unchanged since” it', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const { broken } = await withDamage(scratch, column);
    const next = await capture(store, { users: users(600) });
    expect(next.root).toBe(broken.root);
    expect(next.unchangedSince).toBeUndefined();
    expect(store.latest('dev', 'acme')).toEqual(next);
    expect((await capture(store, { users: users(600) })).unchangedSince).toBe(next.id);
    expect((await store.verify(next.id)).damaged).toEqual([]);
  });

  test('makes reading it an error whose remedy works, pinned or not', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const { old, broken } = await withDamage(scratch, column);
    expect(() => store.get(broken.id)).toThrow(DAMAGED);
    expect(() => store.get(broken.id)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining(`snapshot delete ${broken.id}`) }),
    );
    store.moveToTrash(broken.id);
    expect(store.damaged()).toEqual([]);
    expect(store.damaged({ trash: true })).toMatchObject([{ id: broken.id }]);
    expect(store.list({ trash: true })).toEqual([]);
    expect(store.restoreFromTrash(broken.id)).toBeUndefined();
    expect(store.damaged()).toMatchObject([{ id: broken.id }]);

    store.setPinned(old.id, true);
    damage(scratch, old, column);
    store.moveToTrash(old.id);
    expect(store.damaged({ trash: true })).toMatchObject([{ id: old.id }]);
  });
});

test('nothing new is built on a damaged chunk: it is stored whole', async () => {
  using scratch = scratchStore();
  const changed = (revision: number) => users(500).with(100, user(100, revision));
  await capture(scratch.store, { users: changed(0) });
  await capture(scratch.store, { users: changed(1) });
  const { db } = scratch;
  const last = () => db.prepare<[], number>('SELECT max(seq) FROM chunks').pluck().get()!;
  const before = last();
  const deltas = db.prepare<[], number>('SELECT seq FROM chunks WHERE base IS NOT NULL').pluck().all();
  expect(deltas.length).toBeGreaterThan(0);
  for (const seq of deltas)
    db.prepare('UPDATE chunk_data SET sealed = zeroblob(length(sealed)) WHERE seq = ?').run(seq);

  const { store } = scratch.again();
  const { id } = await capture(store, { users: changed(2) });
  const bases = db
    .prepare<[number], number | null>('SELECT base FROM chunks WHERE seq > ?')
    .pluck()
    .all(before);
  expect(bases.length).toBeGreaterThan(0);
  expect(bases.filter((base) => base !== null && deltas.includes(base))).toEqual([]);
  expect((await store.verify(id)).damaged).toEqual([]);
  expect(await readAll(store, id, 'users')).toHaveLength(500);
});
