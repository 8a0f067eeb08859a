import { expect, it } from 'vitest';
import { compareSection } from '../compare/compare-section.ts';
import type { Stretch } from '../compare/difference.ts';
import { gatherSingly } from '../compare/testing/gather.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import { stretchesBetween } from './remembered-stretches.ts';

function sides(size: number, count: number) {
  const users = (changed: number) =>
    Array.from({ length: count }, (_, n) => ({
      username: `u${n}`,
      firstName: `${n % 5 === changed}`.repeat(size),
    }));
  return [sideOf('users', users(1)), sideOf('users', users(2))] as const;
}

/** The differences, and how many records are none. */
function told(stretches: readonly Stretch[]): unknown {
  const records = stretches.flatMap((stretch) => (stretch.kind === 'records' ? stretch.records : []));
  const equal = stretches.reduce((sum, stretch) => sum + (stretch.kind === 'equal' ? stretch.count : 0), 0);
  const differing = records.filter(({ kind }) => kind !== 'same');
  return { differing, equal: equal + records.length - differing.length };
}

it('gives the same differences again without reading a chunk', async () => {
  const [left, right] = sides(1, 100);
  const first = await gatherSingly(stretchesBetween(left, right));
  expect(told(first)).toEqual(told(await gatherSingly(compareSection(left, right))));
  const reads = left.reads() + right.reads();
  expect(await gatherSingly(stretchesBetween(left, right))).toEqual(first);
  expect(left.reads() + right.reads()).toBe(reads);
  const [, other] = sides(2, 100);
  expect(await gatherSingly(stretchesBetween(left, other))).not.toEqual(first);
});

it('remembers nothing where much differs, or where a pass was broken off', async () => {
  const [left, right] = sides(40_000, 300);
  const first = await gatherSingly(stretchesBetween(left, right));
  const reads = left.reads();
  expect(await gatherSingly(stretchesBetween(left, right))).toEqual(first);
  expect(left.reads()).toBe(2 * reads);

  const [some, others] = sides(1, 100);
  for await (const _stretch of stretchesBetween(some, others)) break;
  expect(told(await gatherSingly(stretchesBetween(some, others)))).toEqual(
    told(await gatherSingly(compareSection(some, others))),
  );
});
