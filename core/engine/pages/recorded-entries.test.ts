import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordedEntries, type Entry, type EntryFilter } from './recorded-entries.ts';

let folder: string;
let recorded: RecordedEntries;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-entries-'));
  recorded = new RecordedEntries(folder);
});
afterEach(async () => {
  await recorded.close();
  rmSync(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;

function entry(number: number): Entry {
  return {
    section: number % 7 === 0 ? 'roles' : 'users',
    kind: number % 11 === 0 ? 'conflict' : number < 4000 ? 'create' : 'update',
    key: `User-${number}\u0000x`,
    common: `["reason ${number % 3}"]`,
    ...(number % 5 === 0 && { own: { changes: [{ member: 'a', to: randomBytes(600).toString('hex') }] } }),
  };
}

const FILTERS: readonly EntryFilter[] = [
  {},
  { kinds: ['conflict'] },
  { sections: ['roles'], kinds: ['create', 'update'] },
  { text: 'USER-77' },
  { text: '9/x', sections: ['users'] },
  { text: 'nobody' },
  { kinds: ['delete'] },
];

function fits({ sections, kinds, text }: EntryFilter, of: Entry): boolean {
  const shown = of.key.replaceAll('\u0000', '/').toLowerCase();
  return (
    (!sections || sections.includes(of.section)) &&
    (!kinds || kinds.includes(of.kind)) &&
    (text === undefined || shown.includes(text.toLowerCase()))
  );
}

describe('recorded entries', () => {
  it('are shown from anywhere, filtered, as if they were a list in memory', async () => {
    const all = Array.from({ length: 9_500 }, (_, number) => entry(number));
    for (let at = 0; at < all.length; at += 333) await recorded.add(all.slice(at, at + 333));
    await recorded.finish();
    for (const filter of FILTERS) {
      const fitting = all.filter((one) => fits(filter, one));
      for (const from of [0, 1, 50, 999, 4_750, 9_499, 20_000]) {
        const page = await recorded.page({ ...filter, from, limit: 60 }, signal);
        expect(page.entries).toEqual(fitting.slice(from, from + 60));
        expect(page.total).toBe(fitting.length);
        expect(page.truncated).toBe(from + 60 < fitting.length && from < fitting.length);
      }
    }
  });

  it('show what is there before all are', async () => {
    const all = Array.from({ length: 2_500 }, (_, number) => entry(number));
    await recorded.add(all);
    const page = await recorded.page({ from: 500, limit: 100 }, signal);
    expect(page).toEqual({ entries: all.slice(500, 600), truncated: true });
    expect(await recorded.page({ from: 1_950, limit: 100 }, signal)).toEqual({
      entries: all.slice(1_950, 2_000),
      truncated: false,
    });
    await recorded.finish();
    expect(await recorded.page({ from: 2_450, limit: 100 }, signal)).toEqual({
      entries: all.slice(2_450),
      truncated: false,
      total: 2_500,
    });
  });

  it('leave nothing behind', async () => {
    await recorded.add(Array.from({ length: 9_500 }, (_, number) => entry(number)));
    await recorded.finish();
    await recorded.close();
    expect(readdirSync(folder)).toEqual([]);
  });
});
