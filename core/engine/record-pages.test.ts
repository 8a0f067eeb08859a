import { afterEach, describe, expect, it } from 'vitest';
import { capture, scratchStore, user, users } from '../catalog/snapshots/testing/scratch-store.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { RecordPages } from './record-pages.ts';

let scratch: ReturnType<typeof scratchStore> | undefined;
afterEach(() => scratch?.[Symbol.dispose]());

/** The store, and how many chunks were read of it. */
function counting(store: SnapshotStore): { store: SnapshotStore; read: () => number } {
  let read = 0;
  return {
    store: {
      ...store,
      readChunk(chunk) {
        read++;
        return store.readChunk(chunk);
      },
    },
    read: () => read,
  };
}

describe('pages of records', () => {
  it('are those of the section in key order, wherever they begin', async () => {
    scratch = scratchStore();
    const all = users(4000);
    const { id } = await capture(scratch.store, { users: all });
    const pages = new RecordPages(scratch.store);
    const keys = all.map(({ key }) => key).sort();
    for (const from of [0, 1, 399, 2000, 3950, 3999, 4000, 1_000_000]) {
      const { records, total } = pages.page(id, { section: 'users', from, limit: 100 });
      expect(total).toBe(4000);
      expect(records.map(({ index, key }) => [index, key])).toEqual(
        keys.slice(from, from + 100).map((key, at) => [from + at, key]),
      );
    }
    const whole: string[] = [];
    for (let from = 0; from < 4000; from += 77)
      whole.push(...pages.page(id, { section: 'users', from, limit: 77 }).records.map(({ key }) => key));
    expect(whole).toEqual(keys);
  });

  it('read the chunks that they stand in, and no others', async () => {
    scratch = scratchStore();
    const { id } = await capture(scratch.store, { users: users(8000) });
    expect(scratch.store.chunks(id, 'users').length).toBeGreaterThan(8);
    const { store, read } = counting(scratch.store);
    new RecordPages(store).page(id, { section: 'users', from: 7900, limit: 100 });
    expect(read()).toBeGreaterThan(0);
    expect(read()).toBeLessThanOrEqual(2);
  });

  it('show no secret, and keys as people read them', async () => {
    scratch = scratchStore();
    const credential = canonicalRecord('credentials', {
      username: 'alice',
      type: 'PASSWORD',
      secretHash: 'canary',
    });
    const { id } = await capture(scratch.store, { users: [user(1, 0, 'alice')], credentials: [credential] });
    const { records } = new RecordPages(scratch.store).page(id, {
      section: 'credentials',
      from: 0,
      limit: 1,
    });
    expect(records).toMatchObject([{ index: 0, key: 'alice/PASSWORD', record: { username: 'alice' } }]);
    expect(JSON.stringify(records)).not.toContain('canary');
  });

  it('are empty where the section was not captured, or is empty', async () => {
    scratch = scratchStore();
    const { id } = await capture(scratch.store, { users: [user(1)], roles: [] });
    const pages = new RecordPages(scratch.store);
    for (const section of ['groups', 'roles'] as const)
      expect(pages.page(id, { section, from: 0, limit: 10 })).toEqual({ records: [], total: 0 });
  });
});
