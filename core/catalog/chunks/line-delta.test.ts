import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareKeys } from '../../model/key-order.ts';
import { decodeChunk, encodeDelta, encodeWhole } from './chunk-codec.ts';
import { applyDelta, copiedFrom, diffLines, droppedText } from './line-delta.ts';
import { lineKeyOf } from './line-keys.ts';
import { splitLines, type Lines } from './lines.ts';

const keyOf = lineKeyOf('users');
const allocate = (bytes: number) => Buffer.alloc(bytes);

/** Users by name, with any value beside: both sides in key order, as chunks are. */
const content = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).filter((name) => name !== '__proto__'),
  fc.string(),
);

function linesOf(users: Record<string, string>): Lines {
  const lines = Object.entries(users)
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([username, email]) => `${JSON.stringify({ username, email })}\n`);
  return splitLines(Buffer.from(lines.join('')), keyOf);
}

describe('changes between two texts', () => {
  test('lead from one to the other, whatever the edits', () => {
    fc.assert(
      fc.property(content, content, (before, more) => {
        const kept = Object.entries(before).filter((_entry, i) => i % 3 !== 0);
        for (const after of [more, Object.fromEntries(kept), { ...Object.fromEntries(kept), ...more }]) {
          const [old, now] = [linesOf(before), linesOf(after)];
          const delta = diffLines(old, now);
          const rebuilt = Buffer.alloc(now.plain.length);
          expect(applyDelta(old.plain, delta, rebuilt)).toBe(true);
          expect(rebuilt).toEqual(now.plain);
          const payload = encodeDelta(old.plain, delta, now.plain.length);
          expect(decodeChunk(payload, () => old.plain, allocate)).toEqual(now.plain);
        }
      }),
    );
  });

  test('name only what changed', () => {
    const before = linesOf({ a: '1', b: '2', c: '3', d: '4' });
    const after = linesOf({ a: '1', b: 'two', c: '3', cc: 'new' });
    const { steps, inserted } = diffLines(before, after);
    expect(inserted.toString()).toBe('{"username":"b","email":"two"}\n{"username":"cc","email":"new"}\n');
    expect(droppedText(before.plain, steps).join('')).toBe(
      '{"username":"b","email":"2"}\n{"username":"d","email":"4"}\n',
    );
    expect(copiedFrom(steps, 0, before.plain.length)).toBe(2 * '{"username":"a","email":"1"}\n'.length);
  });

  test('that do not fit the text are refused', () => {
    const [old, now] = [linesOf({ a: '1', b: '2' }), linesOf({ a: '1', b: '3' })];
    const delta = diffLines(old, now);
    expect(applyDelta(old.plain.subarray(4), delta, Buffer.alloc(now.plain.length))).toBe(false);
    expect(applyDelta(old.plain, delta, Buffer.alloc(now.plain.length + 1))).toBe(false);
  });
});

describe('a stored chunk', () => {
  test('gives back its text', () => {
    fc.assert(
      fc.property(content, (users) => {
        const { plain } = linesOf(users);
        expect(decodeChunk(encodeWhole(plain), () => expect.unreachable(), allocate)).toEqual(plain);
      }),
    );
  });

  test('cut off or of an unknown kind is refused, not guessed', () => {
    const payload = encodeWhole(linesOf({ a: '1', b: '2' }).plain);
    for (let length = 0; length < payload.length; length++)
      expect(decodeChunk(payload.subarray(0, length), () => Buffer.alloc(0), allocate)).toBeUndefined();
    expect(
      decodeChunk(Buffer.concat([Buffer.of(1, 9), payload.subarray(2)]), () => Buffer.alloc(0), allocate),
    ).toBeUndefined();
  });

  test('rewritten line by line costs a fraction of the whole when its lines resemble the old ones', () => {
    const word = (seed: number) => Math.imul(seed, 0x9e3779b1).toString(36);
    const many = (salt: string) =>
      linesOf(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [word(i + 1), word(i + 7) + salt])));
    const [old, now] = [many('!'), many('?')];
    const delta = encodeDelta(old.plain, diffLines(old, now), now.plain.length);
    expect(delta.length).toBeLessThan(encodeWhole(now.plain).length / 2);
  });
});
