import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalRecord } from '../../model/canonical.ts';
import { compareKeys } from '../../model/key-order.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import { ChunkTable } from '../chunks/chunk-table.ts';
import {
  capture,
  DEV,
  factsOf,
  readAll,
  scratchStore,
  spread,
  user,
  userName,
  users,
} from './testing/scratch-store.ts';

const REALM = [canonicalRecord('realm', { name: 'acme' })];
const role = (name: string, description = '') => canonicalRecord('roles', { name, description });
const inOrder = (records: readonly CanonicalRecord[]) =>
  records.toSorted((a, b) => compareKeys(a.key, b.key));
const lines = (records: readonly CanonicalRecord[]) =>
  records.map(({ key, line }) => `${key} ${line.toString()}`);
const damaged = expect.objectContaining({ code: 'CATALOG_DAMAGED' });

describe('a snapshot', () => {
  test('gives back every record, in key order, by section, chunk and key', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const content = { users: users(3000), roles: [role('writer'), role('reader', 'may read')] };
    const { id, summaries } = await capture(store, content);

    expect(lines(await readAll(store, id, 'users'))).toEqual(lines(inOrder(content.users)));
    expect(lines(await readAll(store, id, 'roles'))).toEqual(lines(inOrder(content.roles)));
    expect(await readAll(store, id, 'groups')).toEqual([]);

    const chunks = store.chunks(id, 'users');
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.map((chunk) => store.readChunk(chunk)[0]?.key)).toEqual(
      chunks.map((chunk) => chunk.firstKey),
    );
    expect(chunks.reduce((sum, chunk) => sum + chunk.count, 0)).toBe(3000);
    expect(chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)).toBe(summaries.users?.bytes);

    for (let number = 0; number < 3000; number += 37)
      expect(store.find(id, 'users', userName(number))).toEqual(user(number));
    for (const absent of ['', '!', 'nobody', `${userName(5)}x`, '\uffff'])
      expect(store.find(id, 'users', absent)).toBeUndefined();
    expect(store.find(id, 'groups', '/staff')).toBeUndefined();
  });

  test('says what was captured, and is found by id, prefix and origin', async () => {
    const now = new Date('2025-03-01T10:00:00Z');
    using scratch = scratchStore({ now: () => now });
    const { store } = scratch;
    const content = { realm: REALM, roles: [role('reader')], groups: [] };
    const facts = factsOf(content, {
      serverVersion: '1.1.0',
      missing: [{ section: 'credentials', reason: 'The API gives no password hashes.' }],
      warnings: ['3 mappings point to no role'],
    });
    const about = { ...DEV, tags: ['nightly', 'nightly'], note: 'before the upgrade' };
    const manifest = await capture(store, content, about, facts);

    expect(manifest).toMatchObject({
      ...facts,
      environment: 'dev',
      purpose: 'backup',
      complete: true,
      pinned: false,
      startedAt: now.toISOString(),
      finishedAt: now.toISOString(),
      tags: ['nightly'],
      note: 'before the upgrade',
    });
    expect(manifest.summaries.groups).toMatchObject({ count: 0, bytes: 0 });
    expect(manifest.id).toMatch(/^[0-9a-hjkmnp-tv-z]{14}$/);
    expect(store.get(manifest.id)).toEqual(manifest);
    expect(store.get(manifest.id.slice(0, 4).toUpperCase())).toEqual(manifest);
    expect(store.latest('dev', 'acme')).toEqual(manifest);
    expect(store.latest('prod', 'acme')).toBeUndefined();
    expect(store.list()).toEqual([manifest]);
    expect(() => store.get('zzz')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => store.find('zzz', 'roles', 'reader')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    await capture(store, content);
    expect(() => store.get(manifest.id.slice(0, 3))).toThrow(expect.objectContaining({ code: 'AMBIGUOUS' }));
  });

  test('of a file takes its realm from the facts', async () => {
    using scratch = scratchStore();
    const content = { roles: [role('reader')] };
    const about = { purpose: 'import', complete: true } as const;
    const manifest = await capture(scratch.store, content, about, factsOf(content, { channel: 'file' }));
    expect(manifest).toMatchObject({ realm: 'acme', channel: 'file' });
    expect(manifest.environment).toBeUndefined();
    expect(scratch.store.list({ realm: 'acme' })).toHaveLength(1);
  });

  test('has ids that sort by time', async () => {
    let now = Date.parse('2025-03-01T10:00:00Z');
    using scratch = scratchStore({ now: () => new Date((now += 60_000)) });
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await capture(scratch.store, { roles: [] })).id);
    expect(ids.toSorted()).toEqual(ids);
    expect(scratch.store.list().map((manifest) => manifest.id)).toEqual(ids.toReversed());
  });

  test('holds nothing readable outside the seal', async () => {
    using scratch = scratchStore();
    const { store, db } = scratch;
    const about = { ...DEV, tags: ['quarterly-tag'], note: 'noted-words' };
    await capture(store, { users: [user(1, 0, 'a.readable.name')] }, about);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const bytes = db.serialize().toString('latin1');
    for (const secret of [
      'a.readable.name',
      'acme',
      'quarterly-tag',
      'noted-words',
      'username',
      'documented',
    ])
      expect(bytes).not.toContain(secret);
  });
});

describe('roots', () => {
  test('are equal for equal content, in whatever order it came', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const all = users(2500);
    const roots = new Set<string>();
    for (const order of [0, 1, 2]) {
      const shuffled = all.toSorted((a, b) => spread(a.line.length, order) - spread(b.line.length, order));
      roots.add((await capture(store, { users: shuffled })).root);
    }
    const ordered = await capture(store, { users: inOrder(all) }, DEV, factsOf({ users: [] }), 'addOrdered');
    roots.add(ordered.root);
    expect(roots.size).toBe(1);
  });

  test('differ with any record, with the sections, and with what the source knows', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const roles = [role('a'), role('b')];
    const root = async (content: object, changes = {}) =>
      (await capture(store, content, DEV, factsOf(content, changes))).root;
    const roots = [
      await root({ roles }),
      await root({ roles: roles.slice(1) }),
      await root({ roles: [role('a'), role('b', 'x')] }),
      await root({ roles, groups: [] }),
      await root({ roles }, { knows: { roles: ['id'] } }),
    ];
    expect(new Set(roots).size).toBe(roots.length);
    expect(await root({ roles }, { knows: { roles: ['name', 'id'] } })).toBe(roots[0]);
  });

  test('tell that nothing changed since, in the same environment and outside the trash', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const content = { roles: [role('a')] };
    const first = await capture(store, content);
    const second = await capture(store, content);
    expect(first.unchangedSince).toBeUndefined();
    expect(second.unchangedSince).toBe(first.id);
    expect((await capture(store, content, { ...DEV, environment: 'prod' })).unchangedSince).toBeUndefined();
    expect((await capture(store, { roles: [role('b')] })).unchangedSince).toBeUndefined();
    await capture(store, content, { ...DEV, purpose: 'verification' });
    expect((await capture(store, content)).unchangedSince).toBe(second.id);
    store.moveToTrash(second.id);
    expect((await capture(store, content, { ...DEV, purpose: 'safety' })).unchangedSince).not.toBe(second.id);
  });
});

describe('writing', () => {
  test('shows nothing before the commit, and leaves nothing after an abort', async () => {
    using scratch = scratchStore();
    const { store, db, dir } = scratch;
    const writer = store.begin(DEV);
    await writer.addOrdered('users', inOrder(users(4000)));
    await writer.add('roles', [role('a')]);
    expect(store.list()).toEqual([]);
    await writer.abort();
    await writer.abort();
    for (const table of ['chunks', 'chunk_data', 'chunk_lists', 'snapshots', 'snapshot_sections'])
      expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    expect(readdirSync(dir).filter((name) => name.startsWith('sort-'))).toEqual([]);
    await expect(writer.add('roles', [role('b')])).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test.each(['add', 'addOrdered'] as const)(
    'cancelled in the middle of a commit after %s leaves nothing',
    async (add) => {
      using scratch = scratchStore();
      const { store, db } = scratch;
      const kept = await capture(store, { users: users(500) });
      const before = db.prepare('SELECT count(*) FROM chunks').pluck().get();
      const writer = store.begin(DEV);
      const many = inOrder(Array.from({ length: 20_000 }, (_, i) => user(i, 1)));
      await writer[add]('users', many);
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      const facts = factsOf({ users: [], roles: [] });
      await writer.add('roles', [role('a')]);
      if (add === 'addOrdered') stop.abort();
      await expect(writer.commit(facts, stop.signal)).rejects.toMatchObject({ code: 'CANCELED' });
      expect(db.prepare('SELECT count(*) FROM chunks').pluck().get()).toBe(before);
      expect(store.list()).toEqual([kept]);
      expect(await store.verify(undefined)).toMatchObject({ snapshots: 1, damaged: [] });
    },
  );

  test('refuses two records with one key, naming it', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const twice = [role('a'), role('reader'), role('reader', 'again')];
    const refusal = { code: 'DUPLICATE_KEY', details: { section: 'roles', key: 'reader' } };
    await expect(capture(store, { roles: twice })).rejects.toMatchObject(refusal);
    const ordered = capture(store, { roles: twice }, DEV, factsOf({ roles: twice }), 'addOrdered');
    await expect(ordered).rejects.toMatchObject(refusal);
    expect(store.list()).toEqual([]);
  });

  test('takes what is not as it should be for a defect', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const defect = { code: 'INTERNAL' };
    const ordered = (records: CanonicalRecord[]) =>
      capture(store, { roles: records }, DEV, factsOf({ roles: [] }), 'addOrdered');
    await expect(ordered([role('b'), role('a')])).rejects.toMatchObject(defect);
    await expect(ordered([{ key: 'z', line: role('a').line }])).rejects.toMatchObject(defect);
    const broken = { key: 'a', line: Buffer.from('{"name":"a"\n}') };
    await expect(capture(store, { roles: [broken] })).rejects.toMatchObject(defect);
    const unannounced = capture(
      store,
      { roles: [role('a')] },
      DEV,
      factsOf({ roles: [role('a')] }, { sections: [] }),
    );
    await expect(unannounced).resolves.toMatchObject({ sections: [] });
    const writer = store.begin(DEV);
    await writer.add('roles', [role('a')]);
    await expect(writer.addOrdered('roles', [role('b')])).rejects.toMatchObject(defect);
    await expect(writer.commit(factsOf({ groups: [] }), new AbortController().signal)).rejects.toMatchObject(
      defect,
    );
  });

  test('on a full disk says so, and keeps what was there', async () => {
    using scratch = scratchStore({ maxPages: 200 });
    const { store } = scratch;
    const kept = await capture(store, { users: users(300) });
    await expect(
      capture(store, { users: Array.from({ length: 30_000 }, (_, i) => user(i, 3)) }),
    ).rejects.toMatchObject({
      code: 'DISK_FULL',
      notChanged: expect.stringMatching(/./),
    });
    expect(store.list()).toEqual([kept]);
    expect(await store.verify(undefined)).toMatchObject({ snapshots: 1, damaged: [] });
  });

  test('uses what another writer has stored, and keeps it when that one gives up or was killed', async () => {
    using scratch = scratchStore();
    const { store, db } = scratch;
    const records = users(4000);
    await capture(store, { users: records }, { ...DEV, environment: 'prod' });
    const count = () => db.prepare('SELECT count(*) FROM chunk_data').pluck().get();
    const stored = count();
    // What a writer leaves that was killed before its commit.
    db.exec(`DELETE FROM snapshot_sections; DELETE FROM snapshots; DELETE FROM chunk_lists;
             UPDATE chunks SET writer = 'killed'`);
    const { id } = await capture(store, { users: records });
    expect(count()).toBe(stored);
    expect(new ChunkTable(db).discardSome('killed')).toBe(false);
    expect(lines(await readAll(store, id, 'users'))).toEqual(lines(inOrder(records)));
    expect(await store.verify(undefined)).toMatchObject({ snapshots: 1, damaged: [] });
  });

  test('waits for another process, and says so when that takes too long', async () => {
    using scratch = scratchStore();
    const { store, db } = scratch;
    db.pragma('busy_timeout = 50');
    const other = scratch.again().db;
    other.exec('BEGIN IMMEDIATE');
    await expect(capture(store, { roles: [role('a')] })).rejects.toMatchObject({ code: 'CATALOG_LOCKED' });
    other.exec('ROLLBACK');
    expect(store.list()).toEqual([]);
    await expect(capture(store, { roles: [role('a')] })).resolves.toMatchObject({ realm: 'acme' });
  });

  test('never gives a snapshot whose chunks have gone meanwhile', async () => {
    using scratch = scratchStore();
    const { store, db } = scratch;
    await capture(store, { users: users(2000) });
    const writer = store.begin(DEV);
    await writer.addOrdered('users', inOrder(users(2000)));
    for (const table of ['snapshot_sections', 'snapshots', 'chunk_lists', 'chunk_data', 'chunks'])
      db.exec(`DELETE FROM ${table}`);
    await expect(writer.commit(factsOf({ users: [] }), new AbortController().signal)).rejects.toMatchObject({
      code: 'CATALOG_LOCKED',
    });
    expect(store.list()).toEqual([]);
  });
});

describe('labels', () => {
  test('tags, pin and trash change; the rest does not', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const first = await capture(store, { realm: REALM, roles: [role('a')] }, { ...DEV, note: 'n' });
    const other = await capture(store, { roles: [role('b')] }, { ...DEV, realm: 'other', purpose: 'safety' });
    expect(store.setTags(first.id, { add: ['x', 'y', 'x'], remove: ['y'] }).tags).toEqual(['x']);
    expect(store.setPinned(first.id, true)).toEqual({ ...first, tags: ['x'], pinned: true });
    expect(store.list({ tag: 'x' }).map(({ id }) => id)).toEqual([first.id]);
    expect(store.list({ realm: 'other' }).map(({ id }) => id)).toEqual([other.id]);
    expect(store.list({ environment: 'prod' })).toEqual([]);
    expect(store.list({ environment: 'dev', purposes: ['safety'] }).map(({ id }) => id)).toEqual([other.id]);

    expect(() => store.moveToTrash(first.id)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    store.setPinned(first.id, false);
    store.moveToTrash(first.id);
    expect(store.list().map(({ id }) => id)).toEqual([other.id]);
    expect(store.list({ trash: true }).map(({ id }) => id)).toEqual([first.id]);
    expect(store.latest('dev', 'acme')).toBeUndefined();
    expect(store.restoreFromTrash(first.id)).toEqual({ ...first, tags: ['x'] });
    expect(() => store.restoreFromTrash('zzz')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', notChanged: 'No other snapshot was used instead.' }),
    );
    expect(store.latest('dev', 'acme')?.id).toBe(first.id);
  });

  test('the latest is the newest whole backup or import', async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const whole = await capture(store, { realm: REALM, roles: [] });
    await capture(store, { realm: REALM, roles: [role('a')] }, { ...DEV, complete: false });
    await capture(store, { realm: REALM, roles: [role('b')] }, { ...DEV, purpose: 'safety' });
    const file = { environment: 'dev', realm: 'acme', purpose: 'import' } as const;
    expect(await capture(store, { roles: [role('c')] }, file)).toMatchObject({ complete: false });
    expect(store.latest('dev', 'acme')?.id).toBe(whole.id);
  });
});

describe('a description', () => {
  test('that was altered is not believed', async () => {
    using scratch = scratchStore();
    const { store, db } = scratch;
    const mine = await capture(store, { roles: [role('a')] });
    const other = await capture(store, { roles: [role('b')] }, { ...DEV, realm: 'other' });
    const copy = (column: string) =>
      db.prepare(
        `UPDATE snapshots SET ${column} = (SELECT ${column} FROM snapshots WHERE id = ?) WHERE id = ?`,
      );
    for (const column of ['manifest', 'labels', 'origin', 'realm', 'root']) {
      const saved = db.prepare(`SELECT ${column} FROM snapshots WHERE id = ?`).pluck().get(mine.id);
      copy(column).run(other.id, mine.id);
      expect(() => store.get(mine.id)).toThrow(damaged);
      expect(store.get(other.id)).toEqual(other);
      expect((await store.verify(undefined)).damaged).toMatchObject([{ snapshot: mine.id }]);
      db.prepare(`UPDATE snapshots SET ${column} = ? WHERE id = ?`).run(saved, mine.id);
    }
    expect(store.get(mine.id)).toEqual(mine);
  });
});

test('any realm comes back as it went in, after any changes to the one before', async () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    .filter((text) => !text.includes('\0'));
  const realm = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'binary' })), {
    selector: ([username]) => username,
    maxLength: 40,
  });
  using scratch = scratchStore();
  const { store } = scratch;
  await fc.assert(
    fc.asyncProperty(realm, async (pairs) => {
      const records = pairs.map(([username, email]) => canonicalRecord('users', { username, email }));
      const { id } = await capture(store, { users: records });
      expect(lines(await readAll(store, id, 'users'))).toEqual(lines(inOrder(records)));
      for (const { key, line } of records) expect(store.find(id, 'users', key)?.line).toEqual(line);
    }),
    { numRuns: 40 },
  );
  expect((await store.verify(undefined)).damaged).toEqual([]);
});
