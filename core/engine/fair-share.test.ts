import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairShare } from './fair-share.ts';

test('a short list stays whole beside a long one', () => {
  const often = Array.from({ length: 100 }, (_, n) => `often ${n}`);
  expect(fairShare([often, ['nightly 1', 'nightly 2']], 10)).toEqual([
    'nightly 1',
    'nightly 2',
    ...often.slice(0, 8),
  ]);
});

test('there is never more than has room, nothing is left out that has, and of each list the first are taken', () => {
  const lists = fc.array(
    fc.nat(40).map((length) => Array.from({ length }, (_, n) => n)),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(lists, fc.nat(100), (of, limit) => {
      const named = of.map((list, which) => list.map((n) => ({ which, n })));
      const shared = fairShare(named, limit);
      const all = named.flat().length;
      expect(shared.length).toBeLessThanOrEqual(limit);
      if (all <= limit) expect(shared.length).toBe(all);
      for (const [which, list] of named.entries()) {
        const taken = shared.filter((one) => one.which === which);
        expect(taken).toEqual(list.slice(0, taken.length));
      }
    }),
  );
});
