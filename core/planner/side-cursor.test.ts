import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SectionSide } from '../compare/section-side.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import { compareKeys } from '../model/key-order.ts';
import { SideCursor } from './side-cursor.ts';

const names = fc.uniqueArray(
  fc.string({ minLength: 1, maxLength: 3 }).filter((name) => !name.includes('\0')),
);

it('finds what is there, in whatever order it is asked, read at once or later', async () => {
  await fc.assert(
    fc.asyncProperty(names, names, fc.boolean(), async (there, asked, isLater) => {
      const side = sideOf(
        'users',
        there.map((username) => ({ username })),
        { averageChunk: 2 },
      );
      const later: SectionSide = {
        ...side,
        readChunk: async (chunk) => await Promise.resolve(side.readChunk(chunk)),
      };
      const cursor = new SideCursor(isLater ? later : side);
      const sorted = [...there].sort(compareKeys);
      for (const name of [...there, ...asked]) {
        expect(await cursor.has(name)).toBe(there.includes(name));
        expect((await cursor.find(name))?.key).toBe(there.includes(name) ? name : undefined);
        expect(await cursor.firstKeyFrom(name)).toBe(sorted.find((key) => compareKeys(key, name) >= 0));
      }
    }),
  );
});

it('reads each chunk at most once while keys ascend', () => {
  const users = Array.from({ length: 200 }, (_, n) => ({ username: `u${String(n).padStart(3, '0')}` }));
  const side = sideOf('users', users);
  const cursor = new SideCursor(side);
  for (const { username } of users) expect(cursor.has(username)).toBe(true);
  expect(side.reads()).toBeLessThanOrEqual(side.chunks.length);
});
