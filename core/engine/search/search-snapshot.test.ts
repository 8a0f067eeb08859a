import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { capture, readAll, scratchStore, users } from '../../catalog/snapshots/testing/scratch-store.ts';
import type { SnapshotStore } from '../../catalog/snapshot-store.ts';
import { canonicalRecord } from '../../model/canonical.ts';
import { parseLine } from '../../model/exact-json.ts';
import { displayKey } from '../../model/natural-key.ts';
import { SECTIONS } from '../../model/sections.ts';
import { withSecretsHidden } from '../../model/hide-secrets.ts';
import { recordBody } from '../../model/testing/arbitraries.ts';
import { Needle } from './needle.ts';
import {
  searchFromName,
  searchSnapshot,
  searchWhole,
  type SearchBatch,
  type SearchMatch,
} from './search-snapshot.ts';

let scratch: ReturnType<typeof scratchStore> | undefined;
afterEach(() => scratch?.[Symbol.dispose]());

/** The plain way: every line decoded, put into lower case and looked at. */
async function plainly(store: SnapshotStore, id: string, text: string): Promise<SearchMatch[]> {
  const wanted = text.toLowerCase();
  const shows = (value: unknown): boolean =>
    typeof value === 'object' && value !== null
      ? Object.values(value).some(shows)
      : String(value).toLowerCase().includes(wanted);
  const matches: SearchMatch[] = [];
  for (const section of SECTIONS)
    for (const { key, line } of await readAll(store, id, section)) {
      if (!line.includes(0x5c) && !line.toString('utf8').toLowerCase().includes(wanted)) continue;
      const record = withSecretsHidden(section, parseLine(line));
      if (shows(record)) matches.push({ section, key: displayKey(key), record });
    }
  return matches;
}

const search = (store: SnapshotStore, id: string, text: string, limit = 100_000) =>
  searchWhole(searchSnapshot(store, store.get(id), { text, limit }));

async function batches(found: AsyncIterable<SearchBatch>): Promise<SearchBatch[]> {
  const all: SearchBatch[] = [];
  for await (const batch of found) all.push(batch);
  return all;
}

const NAMES = [
  'Kelvin \u212A',
  'İstanbul',
  'ΟΔΥΣΣΕΥΣ',
  'Ångström \u212B',
  'Фёдор',
  'a"quote"',
  'back\\slash',
  'two\nlines',
  ':colon',
  '😀 smile',
  'ﬀ ligature',
  '𐐀 deseret',
  'true',
  'email',
  '弘',
];

describe('a search', () => {
  it('finds what looking at every record in full would', async () => {
    scratch = scratchStore();
    const { store } = scratch;
    const named = NAMES.flatMap((name, i) => [
      canonicalRecord('users', {
        username: `${name}-${i}`,
        roles: [name, ':x'],
        attributes: { [name]: name },
      }),
      canonicalRecord('users', { username: `plain-${i}`, firstName: name.replaceAll(/["\\\n]/g, '') }),
    ]);
    const { id } = await capture(store, {
      users: [...users(300), ...named],
      credentials: [
        canonicalRecord('credentials', {
          username: 'plain-1',
          type: 'PASSWORD',
          secretHash: 'Present-canary',
        }),
      ],
    });
    const texts = fc.oneof(
      fc.constantFrom(...NAMES.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()])),
      fc.constantFrom(
        'k',
        'K',
        'i',
        'i\u0307',
        'ς',
        'σ',
        'user',
        'username',
        'canary',
        'present',
        '"',
        ',":',
      ),
      fc.constantFrom('true', 'null', '\ude00', '\ud83d', '2025-01', 'EXAMPLE.com', '.1', '[', 'å', '\\'),
      fc
        .tuple(fc.constantFrom(...NAMES), fc.nat(8), fc.nat(8))
        .map(([name, from, length]) => name.slice(from, from + length + 1) || 'x'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await search(store, id, text)).toEqual({
          matches: await plainly(store, id, text),
          truncated: false,
        });
      }),
      { numRuns: 150 },
    );
  });

  it('does so in records of any content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(recordBody('users'), { selector: ({ username }) => username, maxLength: 12 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
        fc.nat(11),
        async (bodies, random, which) => {
          using one = scratchStore();
          const records = bodies.map((body) => canonicalRecord('users', body));
          const { id } = await capture(one.store, { users: records });
          const line = records[which]?.line.toString() ?? '';
          for (const text of [random, line.slice(which * 3, which * 3 + 2) || 'e', 'k', 'i'])
            expect((await search(one.store, id, text)).matches).toEqual(await plainly(one.store, id, text));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('knows every character that becomes another one in lower case', () => {
    for (let point = 0; point <= 0x10_ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const character = String.fromCodePoint(point);
      const lower = character.toLowerCase();
      if (lower === character) continue;
      const line = Buffer.from(`{"username":"${character}"}\n`);
      if (new Needle(lower).lines(line).length !== 1)
        throw new Error(`U+${point.toString(16)} is not found.`);
    }
  });

  it('finds no secret', async () => {
    scratch = scratchStore();
    const { id } = await capture(scratch.store, {
      credentials: [
        canonicalRecord('credentials', { username: 'alice', type: 'PASSWORD', secretHash: 'c4nary' }),
        canonicalRecord('credentials', { username: 'a\\b', type: 'PASSWORD', secretHash: 'c4nary' }),
      ],
    });
    expect(await search(scratch.store, id, 'c4nary')).toEqual({ matches: [], truncated: false });
    expect((await search(scratch.store, id, 'alice')).matches).toHaveLength(1);
  });

  it('tells the first at once, how far it is, and that there are more than were asked for', async () => {
    scratch = scratchStore();
    const { store } = scratch;
    const { id } = await capture(store, { users: users(6000) });
    const whole = await batches(
      searchSnapshot(store, store.get(id), { text: 'example.com', limit: 100_000 }),
    );
    expect(whole[0]!.matches.length).toBeGreaterThan(0);
    expect(whole[0]).toMatchObject({ done: false, of: 6000 });
    expect(whole[0]!.searched).toBeLessThan(6000);
    expect(whole.at(-1)).toMatchObject({ searched: 6000, of: 6000, done: true, truncated: false });
    expect(whole.flatMap(({ matches }) => matches)).toHaveLength(6000);

    const [, last] = (await readAll(store, id, 'users')).slice(-2);
    const name = displayKey(last!.key);
    const byName = await batches(searchFromName(store, store.get(id), { text: name, limit: 10 }));
    expect(byName[0]).toMatchObject({ matches: [], named: [{ section: 'users', key: name }], searched: 0 });
    expect(byName.flatMap(({ matches }) => matches)).toMatchObject([{ section: 'users', key: name }]);
    expect(byName.slice(1).every(({ named }) => named === undefined)).toBe(true);

    const some = await batches(searchSnapshot(store, store.get(id), { text: 'example.com', limit: 10 }));
    expect(some.flatMap(({ matches }) => matches)).toHaveLength(10);
    expect(some.at(-1)).toMatchObject({ done: true, truncated: true });
    const none = await batches(searchSnapshot(store, store.get(id), { text: 'nobody at all', limit: 10 }));
    expect(none.at(-1)).toEqual({ matches: [], searched: 6000, of: 6000, done: true, truncated: false });
  });

  it('can be canceled, and lets others work meanwhile', async () => {
    scratch = scratchStore();
    const { store } = scratch;
    // Several times what a fast machine looks through between two pauses.
    const { id } = await capture(store, { users: users(60_000) });
    const canceling = new AbortController();
    let worked = false;
    setImmediate(() => {
      worked = true;
    });
    for await (const _ of searchSnapshot(store, store.get(id), { text: 'none of this', limit: 1 }));
    expect(worked).toBe(true);
    const found = searchSnapshot(
      store,
      store.get(id),
      { text: 'example.com', limit: 100_000 },
      canceling.signal,
    );
    expect((await found.next()).done).toBe(false);
    canceling.abort();
    await expect(found.next()).rejects.toMatchObject({ code: 'CANCELED' });
  });
});
