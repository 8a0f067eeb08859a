import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestCatalogs } from '../test-catalog.ts';
import { MEMORY_MILLISECONDS } from './capture-memories.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

const ORIGIN = { environment: 'prod', realm: 'acme', reader: 'https://iam.example:9089' };
const NOTED = Date.parse('2026-05-01T12:00:00Z');
const entries = (count: number, from = 0) =>
  new Map(Array.from({ length: count }, (_, i) => [`user ${from + i}`, [`role of ${from + i}`]]));

async function withClock() {
  const clock = { now: NOTED };
  const catalog = await catalogs.open({ testing: { now: () => new Date(clock.now) } });
  const valueOf = (key: string, origin = ORIGIN) =>
    catalog.captureMemories.of(origin).recall([key]).get(key)?.value;
  return { catalog, clock, memories: catalog.captureMemories, valueOf };
}

describe('what a capture remembers', () => {
  it('comes back with when it was noted, in another process too', async () => {
    const { catalog, memories } = await withClock();
    memories.of(ORIGIN).note(entries(300));
    memories.of(ORIGIN).note(new Map([['user 7', ['another']]]));
    const again = await catalogs.open({ dir: catalog.dir, testing: { now: () => new Date(NOTED + 1_000) } });
    const known = again.captureMemories.of(ORIGIN).recall(['user 7', 'user 299', 'user 300']);
    expect([...known]).toEqual([
      ['user 7', { value: ['another'], at: NOTED }],
      ['user 299', { value: ['role of 299'], at: NOTED }],
    ]);
  });

  it.each([
    ['environment', { ...ORIGIN, environment: 'dev' }],
    ['realm', { ...ORIGIN, realm: 'other' }],
    ['reader', { ...ORIGIN, reader: 'https://elsewhere.example' }],
  ])('is not remembered of another %s', async (_what, other) => {
    const { memories, valueOf } = await withClock();
    memories.of(ORIGIN).note(entries(1));
    expect(valueOf('user 0', other)).toBeUndefined();
    memories.of(other).note(new Map([['user 0', 'theirs']]));
    expect(valueOf('user 0')).toEqual(['role of 0']);
    memories.of(other).forget();
    expect(valueOf('user 0')).toEqual(['role of 0']);
  });

  it('is forgotten when it is told to, whole', async () => {
    const { memories, valueOf, catalog } = await withClock();
    for (let from = 0; from < 5_000; from += 500) memories.of(ORIGIN).note(entries(500, from));
    memories.of(ORIGIN).forget();
    expect(valueOf('user 4999')).toBeUndefined();
    expect(rowsOf(catalog.dir)).toEqual({ memories: 0, answers: 0 });
  });

  it('is forgotten whoever asked when the realm is written to', async () => {
    const { memories, valueOf } = await withClock();
    const other = { ...ORIGIN, realm: 'other' };
    for (const origin of [ORIGIN, { ...ORIGIN, reader: 'x' }, other]) memories.of(origin).note(entries(1));
    memories.forgetRealm(ORIGIN);
    expect(valueOf('user 0')).toBeUndefined();
    expect(valueOf('user 0', { ...ORIGIN, reader: 'x' })).toBeUndefined();
    expect(valueOf('user 0', other)).toEqual(['role of 0']);
  });

  it('is good for a day, each answer by itself', async () => {
    const { memories, valueOf, clock, catalog } = await withClock();
    memories.of(ORIGIN).note(entries(1));
    clock.now = NOTED + MEMORY_MILLISECONDS - 1;
    expect(valueOf('user 0')).toEqual(['role of 0']);
    memories.of(ORIGIN).note(entries(1, 1));
    clock.now = NOTED + MEMORY_MILLISECONDS;
    expect(valueOf('user 0')).toBeUndefined();
    expect(valueOf('user 1')).toEqual(['role of 1']);
    clock.now = NOTED + 3 * MEMORY_MILLISECONDS;
    memories.of({ ...ORIGIN, realm: 'any' });
    expect(rowsOf(catalog.dir)).toEqual({ memories: 0, answers: 0 });
  });

  it('from the future is not trusted: the clock was set back', async () => {
    const { memories, valueOf, clock } = await withClock();
    memories.of(ORIGIN).note(entries(1));
    clock.now = NOTED - 1;
    expect(valueOf('user 0')).toBeUndefined();
  });

  it('does not stand in the file in the clear', async () => {
    const { memories, catalog } = await withClock();
    memories.of(ORIGIN).note(new Map([['plain-key-of-user', ['plain-role-of-user']]]));
    catalog.close();
    const bytes = readFileSync(join(catalog.dir, 'catalog.db'));
    for (const plain of ['plain-key-of-user', 'plain-role-of-user', ORIGIN.reader])
      expect(bytes.includes(plain)).toBe(false);
  });

  it('and was altered is not known, and can be noted anew', async () => {
    const { memories, valueOf, catalog } = await withClock();
    memories.of(ORIGIN).note(entries(2));
    const db = new Database(join(catalog.dir, 'catalog.db'));
    // Each other's answers: sealed for another place.
    db.exec(
      'UPDATE capture_answers SET answer = (SELECT answer FROM capture_answers ORDER BY key_hash LIMIT 1)',
    );
    db.close();
    const known = ['user 0', 'user 1'].map((key) => valueOf(key)).filter((value) => value !== undefined);
    expect(known).toHaveLength(1);
    memories.of(ORIGIN).note(entries(2));
    expect(valueOf('user 0')).toEqual(['role of 0']);
    expect(valueOf('user 1')).toEqual(['role of 1']);
  });
});

function rowsOf(dir: string): { memories: unknown; answers: unknown } {
  const db = new Database(join(dir, 'catalog.db'), { readonly: true });
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  const rows = { memories: count('capture_memories'), answers: count('capture_answers') };
  db.close();
  return rows;
}
