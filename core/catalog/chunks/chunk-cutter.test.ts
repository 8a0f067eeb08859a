import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashKey, RECORD_CUTS, type CutRule } from './boundaries.ts';
import { ChunkCutter } from './chunk-cutter.ts';
import { lineKeyOf } from './line-keys.ts';

const keyOf = lineKeyOf('users');
const SMALL: CutRule = {
  steps: [
    { bytes: 200, oneIn: 16 },
    { bytes: 800, oneIn: 4 },
  ],
  maxBytes: 2000,
};

function cut(keys: readonly string[], rule = SMALL, seed = 1): string[] {
  const cutter = new ChunkCutter(rule, seed);
  const chunks: string[] = [];
  for (const key of keys) {
    const line = Buffer.from(JSON.stringify({ username: key }));
    if (cutter.wouldOverflow(line.length)) chunks.push(cutter.take(keyOf).plain.toString());
    if (cutter.add(key, line, 0, line.length)) chunks.push(cutter.take(keyOf).plain.toString());
  }
  if (!cutter.isEmpty) chunks.push(cutter.take(keyOf).plain.toString());
  return chunks;
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `user${String(i).padStart(6, '0')}`);

describe('cutting', () => {
  test('loses and adds nothing, and keeps to the largest size', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 })), fc.nat(), (keys, seed) => {
        const chunks = cut(keys, SMALL, seed);
        expect(chunks.join('')).toBe(keys.map((username) => `${JSON.stringify({ username })}\n`).join(''));
        for (const chunk of chunks)
          expect(chunk.length <= SMALL.maxBytes || chunk.indexOf('\n') === chunk.length - 1).toBe(true);
      }),
    );
  });

  test('puts a record larger than a chunk into one of its own', () => {
    const giant = 'x'.repeat(5000);
    const chunks = cut(['a', giant, 'b']);
    expect(chunks.map((chunk) => chunk.split('\n').length - 1)).toEqual([1, 1, 1]);
  });

  test('makes chunks of about 123 KB of users', () => {
    const body = Buffer.from(`{"username":"x"${' '.repeat(330)}}`);
    const cutter = new ChunkCutter(RECORD_CUTS, 42);
    const sizes: number[] = [];
    for (const key of names(200_000))
      if (cutter.add(key, body, 0, body.length)) sizes.push(cutter.take(keyOf).plain.length);
    const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(average).toBeGreaterThan(100_000);
    expect(average).toBeLessThan(145_000);
    expect(Math.max(...sizes)).toBeLessThan(500_000);
  });

  test('finds the same boundaries again behind an insertion or a deletion', () => {
    const before = cut(names(5000));
    fc.assert(
      fc.property(fc.nat(4999), fc.boolean(), (at, insert) => {
        const keys = names(5000);
        keys.splice(at, insert ? 0 : 1, ...(insert ? [`${keys[at]}x`] : []));
        const known = new Set(before);
        const fresh = cut(keys).filter((chunk) => !known.has(chunk));
        expect(fresh.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 60 },
    );
  });

  test('depends on the secret seed', () => {
    expect(cut(names(2000), SMALL, 1)).not.toEqual(cut(names(2000), SMALL, 2));
    expect(hashKey('ann', 1)).not.toBe(hashKey('ann', 2));
  });
});
