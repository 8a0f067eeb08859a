import { describe, expect, test } from 'vitest';
import type { SnapshotStore } from '../snapshot-store.ts';
import {
  capture,
  readAll,
  scratchStore,
  spread,
  user,
  users,
  type ScratchStore,
} from './testing/scratch-store.ts';

const SNAPSHOTS = 4;
const damaged = expect.objectContaining({ code: 'CATALOG_DAMAGED' });

/** Four snapshots of 3,000 users, 30 changed each time: whole chunks and chains of deltas. */
async function generations(store: SnapshotStore): Promise<string[]> {
  const ids: string[] = [];
  const current = users(3000);
  for (let revision = 0; revision < SNAPSHOTS; revision++) {
    for (let i = 0; i < (revision === 0 ? 0 : 30); i++) {
      const number = spread(i, revision) % current.length;
      current[number] = user(number, revision);
    }
    ids.push((await capture(store, { users: current, roles: [] })).id);
  }
  return ids;
}

function rows(scratch: ScratchStore, table: string, column: string): { seq: number; sealed: Buffer }[] {
  return scratch.db.prepare(`SELECT seq, ${column} AS sealed FROM ${table}`).all() as {
    seq: number;
    sealed: Buffer;
  }[];
}

describe('verify', () => {
  test('proves every byte of every snapshot, each chunk once', async () => {
    using scratch = scratchStore();
    const ids = await generations(scratch.store);
    const seen: number[] = [];
    const listed: string[] = [];
    const report = await scratch.store.verify(undefined, {
      onListed: ({ snapshots, of }) => {
        // Before anything is proved.
        expect(seen).toEqual([]);
        listed.push(`${snapshots} of ${of}`);
      },
      onProgress: ({ chunks }) => seen.push(chunks),
    });
    expect(listed.at(-1)).toBe(`${report.snapshots} of ${report.snapshots}`);
    const distinct = new Set(ids.flatMap((id) => scratch.store.chunks(id, 'users').map((chunk) => chunk.id)));
    expect(report).toMatchObject({ snapshots: SNAPSHOTS, chunks: distinct.size, damaged: [] });
    expect(seen.at(-1)).toBe(distinct.size);
    const one = await scratch.store.verify(ids[0]);
    const bytes = scratch.store.get(ids[0]!).summaries.users?.bytes;
    expect(one).toMatchObject({ snapshots: 1, bytes, damaged: [] });
  });

  test('includes the trash, whose snapshots can come back', async () => {
    using scratch = scratchStore();
    const [first] = await generations(scratch.store);
    scratch.store.moveToTrash(first!);
    expect(await scratch.store.verify(undefined)).toMatchObject({ snapshots: SNAPSHOTS });
  });

  test('finds a changed byte wherever it is, and reading never gives garbage', async () => {
    using scratch = scratchStore();
    const ids = await generations(scratch.store);
    const places = [
      ...rows(scratch, 'chunk_data', 'sealed').map((row) => ({
        ...row,
        table: 'chunk_data',
        column: 'sealed',
      })),
      ...rows(scratch, 'chunk_lists', 'pages').map((row) => ({
        ...row,
        table: 'chunk_lists',
        column: 'pages',
      })),
    ];
    for (let round = 0; round < 40; round++) {
      const { seq, sealed, table, column } = places[spread(round, 11) % places.length]!;
      const altered = Buffer.from(sealed);
      altered[spread(round, 12) % altered.length]! ^= 1 << (spread(round, 13) & 7);
      const set = scratch.db.prepare(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`);
      set.run(altered, seq);

      // A store of its own: one that read the chunk before may still know it.
      const { store, db } = scratch.again();
      const { damaged: found } = await store.verify(undefined);
      expect(found.length).toBeGreaterThan(0);
      const touched = new Set(found.map(({ snapshot }) => snapshot));
      for (const id of ids) {
        const read = readAll(store, id, 'users');
        if (touched.has(id)) await expect(read).rejects.toThrow(damaged);
        else expect(await read).toHaveLength(3000);
      }
      set.run(sealed, seq);
      db.close();
    }
    expect((await scratch.again().store.verify(undefined)).damaged).toEqual([]);
  });

  test('names snapshot and section, and goes on', async () => {
    using scratch = scratchStore();
    const ids = await generations(scratch.store);
    const [first] = scratch.store.chunks(ids[0]!, 'users');
    scratch.db
      .prepare('DELETE FROM chunk_data WHERE seq = (SELECT seq FROM chunks WHERE id = ?)')
      .run(Buffer.from(first!.id, 'hex'));
    scratch.db.prepare('UPDATE snapshots SET manifest = zeroblob(50) WHERE id = ?').run(ids[3]);
    const { damaged: found } = await scratch.again().store.verify(undefined);
    expect(found).toContainEqual({
      snapshot: ids[0],
      section: 'users',
      in: 'snapshots',
      text: expect.stringContaining(`${first!.count} records from “${first!.firstKey}” on`),
    });
    expect(found).toContainEqual({
      snapshot: ids[3],
      in: 'snapshots',
      text: expect.stringContaining(ids[3]!),
    });
  });

  test('finds chunks that were exchanged, and a base that is not the one', async () => {
    using scratch = scratchStore();
    const ids = await generations(scratch.store);
    const { db } = scratch;
    const [a, b] = rows(scratch, 'chunk_data', 'sealed');
    db.prepare('UPDATE chunk_data SET sealed = ? WHERE seq = ?').run(b!.sealed, a!.seq);
    expect((await scratch.again().store.verify(ids[0])).damaged).toHaveLength(1);
    db.prepare('UPDATE chunk_data SET sealed = ? WHERE seq = ?').run(a!.sealed, a!.seq);

    const delta = db.prepare('SELECT seq, base FROM chunks WHERE base IS NOT NULL').get() as {
      seq: number;
      base: number;
    };
    const set = db.prepare('UPDATE chunks SET base = ? WHERE seq = ?');
    for (const wrong of [delta.seq, delta.base === 1 ? 2 : 1]) {
      set.run(wrong, delta.seq);
      expect((await scratch.again().store.verify(undefined)).damaged.length).toBeGreaterThan(0);
    }
    set.run(delta.base, delta.seq);
    expect((await scratch.again().store.verify(undefined)).damaged).toEqual([]);
  });

  test('finds a section that was cut off or taken from another snapshot', async () => {
    using scratch = scratchStore();
    const ids = await generations(scratch.store);
    const { db } = scratch;
    db.exec(
      `UPDATE snapshot_sections SET list = (SELECT max(list) FROM snapshot_sections) WHERE snapshot = 1 AND section = 'users'`,
    );
    expect((await scratch.store.verify(ids[0])).damaged).toMatchObject([
      { snapshot: ids[0], section: 'users' },
    ]);
    db.exec(`DELETE FROM snapshot_sections WHERE snapshot = 2 AND section = 'users'`);
    expect((await scratch.store.verify(ids[1])).damaged).toMatchObject([
      { snapshot: ids[1], section: 'users' },
    ]);
  });

  test('stops when told to', async () => {
    using scratch = scratchStore();
    await generations(scratch.store);
    const stop = new AbortController();
    const verify = scratch.store.verify(undefined, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(verify).rejects.toMatchObject({ code: 'CANCELED' });
  });

  test('a damaged old snapshot does not stand in the way of a new one', async () => {
    using scratch = scratchStore();
    await generations(scratch.store);
    scratch.db.exec('UPDATE chunk_data SET sealed = zeroblob(64)');
    const { store } = scratch.again();
    const { id } = await capture(store, { users: Array.from({ length: 3000 }, (_, i) => user(i, 9)) });
    expect((await store.verify(id)).damaged).toEqual([]);
  });
});
