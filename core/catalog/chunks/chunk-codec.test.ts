import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { capture, readAll, scratchStore, users } from '../snapshots/testing/scratch-store.ts';
import { decodeChunk, encodeDelta, encodeWhole } from './chunk-codec.ts';
import { chunkBinding } from './chunk-reader.ts';
import { diffLines } from './line-delta.ts';
import { lineKeyOf } from './line-keys.ts';
import { splitLines } from './lines.ts';

const allocate = (bytes: number) => Buffer.alloc(bytes);

/** Longer than the part of it that serves as an example. */
const OLD = textOf(Array.from({ length: 600 }, (_, i) => line(i, i)));
/** One line changed near the end; one added, with the address of one near the end of the example. */
const NEW = textOf(Array.from({ length: 600 }, (_, i) => line(i, i === 590 ? 7 : i)).concat(line(600, 301)));

/** What version 1 stored. Never to be made anew: catalogs hold such bytes. */
const WHOLE = 'AQAxKLUv/QAAiQEAeyJ1c2VybmFtZSI6IjAwMDEiLCJlbWFpbCI6ImdybmhpYUBleGFtcGxlLmNvbSJ9Cg==';
const DELTA = 'AQGr6AEMAACJ5AExMr4DADIAZCi1L/0AAIUAABg2MDADADnmcWr7SgJlFBA=';

/** What version 2 stored of a line with a UUID; catalogs hold such bytes, too. */
const PACKED = 'AgA/HCUotS/9AADhAAB7InVzZXJuYW1lIjoiYWRhIiwiaWQiOiIAIn0KVQ6EAOKbQdSnFkRmVUQAAA==';
const WITH_UUID = '{"username":"ada","id":"550e8400-e29b-41d4-a716-446655440000"}\n';

function line(number: number, salt: number): string {
  const noise = Math.imul(salt + 1, 0x9e3779b1) >>> 0;
  return `{"username":"${String(number).padStart(4, '0')}","email":"${noise.toString(36)}@example.com"}\n`;
}

function textOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(''));
}

test('what version 1 stored is read', () => {
  expect(OLD.length).toBeGreaterThan(20 << 10);
  const whole = decodeChunk(Buffer.from(WHOLE, 'base64'), () => expect.unreachable(), allocate);
  expect(whole?.toString()).toBe(line(1, 1));
  const rebuilt = decodeChunk(Buffer.from(DELTA, 'base64'), () => OLD, allocate);
  expect(rebuilt?.toString()).toBe(NEW.toString());
});

test('what version 2 stored is read', () => {
  const payload = Buffer.from(PACKED, 'base64');
  expect(decodeChunk(payload, () => expect.unreachable(), allocate)?.toString()).toBe(WITH_UUID);
  for (let length = 0; length < payload.length; length++)
    expect(decodeChunk(payload.subarray(0, length), () => expect.unreachable(), allocate)).toBeUndefined();
});

test('a UUID costs its sixteen bytes', () => {
  const text = textOf(Array.from({ length: 500 }, (_, i) => `{"id":"${randomUUID()}","n":${i % 10}}\n`));
  const payload = encodeWhole(text);
  expect(decodeChunk(payload, () => expect.unreachable(), allocate)).toEqual(text);
  expect(payload.length).toBeGreaterThan(500 * 16);
  expect(payload.length).toBeLessThan(500 * 17);
});

test('what another version stored is told from damage', () => {
  const keyOf = lineKeyOf('users');
  const changes = encodeDelta(OLD, diffLines(splitLines(OLD, keyOf), splitLines(NEW, keyOf)), NEW.length);
  for (const payload of [encodeWhole(NEW), changes]) {
    expect(decodeChunk(payload, () => OLD, allocate)).toEqual(NEW);
    payload[0] = 3;
    expect(() => decodeChunk(payload, () => OLD, allocate)).toThrow(
      expect.objectContaining({
        code: 'CATALOG_NEWER',
        remedy: expect.stringContaining('newer Drawbridge'),
      }),
    );
  }
  expect(decodeChunk(Buffer.alloc(0), () => OLD, allocate)).toBeUndefined();
});

test('a snapshot with chunks of another version is not called damaged, and others are read', async () => {
  using scratch = scratchStore();
  const { seal, db } = scratch;
  const older = await capture(scratch.store, { roles: [] });
  const newer = await capture(scratch.store, { users: users(3) });
  const [chunk] = scratch.store.chunks(newer.id, 'users');
  const id = Buffer.from(chunk!.id, 'hex');
  const payload = encodeWhole(scratch.store.readLines(chunk!));
  payload[0] = 3;
  db.prepare('UPDATE chunk_data SET sealed = ? WHERE seq = (SELECT seq FROM chunks WHERE id = ?)').run(
    seal.seal(payload, chunkBinding(chunk!.id, [])),
    id,
  );
  const { store } = scratch.again();
  await expect(readAll(store, newer.id, 'users')).rejects.toMatchObject({ code: 'CATALOG_NEWER' });
  await expect(store.verify(undefined)).rejects.toMatchObject({ code: 'CATALOG_NEWER' });
  expect((await store.verify(older.id)).damaged).toEqual([]);
});
