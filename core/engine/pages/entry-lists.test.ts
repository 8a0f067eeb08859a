import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { EntryLists } from './entry-lists.ts';
import type { Entry } from './recorded-entries.ts';

let folder: string;
let lists: EntryLists;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-lists-'));
  lists = new EntryLists(folder);
});
afterEach(async () => {
  await lists.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;
const first = { from: 0, limit: 10 };

/** A source of many entries that tells how far it was read. */
function counted(count: number, after?: () => Promise<void>) {
  const seen = { batches: 0, times: 0, left: false };
  async function* source(): AsyncGenerator<readonly Entry[]> {
    seen.times++;
    try {
      for (let from = 0; from < count; from += 500) {
        if (from >= 2_000) await after?.();
        seen.batches++;
        yield Array.from({ length: 500 }, (_, i): Entry => ({
          section: 'users',
          kind: 'create',
          key: `u${from + i}`,
          common: '',
        }));
      }
    } finally {
      seen.left = true;
    }
  }
  return { seen, source };
}

describe('a list', () => {
  it('shows its first page before the last is made, and is made once', async () => {
    const waiting = Promise.withResolvers<void>();
    const { seen, source } = counted(5_000, () => waiting.promise);
    const page = await lists.page('a', source, first, never);
    expect(page).toMatchObject({ truncated: true });
    expect(page.entries.map(({ key }) => key)).toContain('u9');
    expect(page.total).toBeUndefined();
    waiting.resolve();
    const last = await lists.page('a', source, { from: 4_990, limit: 100 }, never);
    expect(last.entries).toHaveLength(10);
    expect(last).toMatchObject({ truncated: false, total: 5_000 });
    expect((await lists.page('a', source, { from: 2_500, limit: 1 }, never)).entries[0]!.key).toBe('u2500');
    expect(seen).toMatchObject({ times: 1, batches: 10 });
  });

  it('is given up when the last one who waits for it goes away', async () => {
    const waiting = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const { seen, source } = counted(5_000, () => {
      leaving.abort();
      return waiting.promise;
    });
    const page = lists.page('a', source, { from: 4_000, limit: 10 }, leaving.signal);
    await expect(page).rejects.toMatchObject({ code: 'CANCELED' });
    waiting.resolve();
    await expect.poll(() => seen.left).toBe(true);
    expect(seen.batches).toBe(5);
    expect((await lists.page('a', source, first, never)).entries).toHaveLength(10);
    expect(seen.times).toBe(2);
  });

  it('that fails says so to everybody who waits, and is tried again', async () => {
    let fails = true;
    async function* source(): AsyncGenerator<readonly Entry[]> {
      yield [];
      if (fails) throw new AppError('CATALOG_DAMAGED', 'A chunk is damaged.');
    }
    const both = [lists.page('a', source, first, never), lists.page('a', source, first, never)];
    for (const page of both) await expect(page).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
    fails = false;
    expect(await lists.page('a', source, first, never)).toEqual({ entries: [], truncated: false, total: 0 });
  });
});
