import { expect, test } from 'vitest';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { byTimeTaken } from './by-time-taken.ts';

const own = (id: string, finishedAt: string) => ({ id, finishedAt }) as SnapshotManifest;
const brought = (id: string, taken: string) =>
  ({ id, finishedAt: '2026-06-01T00:00:00Z', archived: { finishedAt: taken } }) as SnapshotManifest;
const order = (...stored: SnapshotManifest[]) => byTimeTaken(stored).map(({ id }) => id);

test('what archives brought stands where it was taken, in whatever order they came', () => {
  expect(
    order(
      brought('march', '2026-03-01T00:00:00.000Z'),
      brought('may', '2026-05-01T00:00:00Z'),
      own('april', '2026-04-01T00:00:00Z'),
      brought('1970', '1970-01-01T00:00:00Z'),
      own('february', '2026-02-01T00:00:00Z'),
      brought('2099', '2099-01-01T00:00:00Z'),
    ),
  ).toEqual(['2099', 'may', 'april', 'march', 'february', '1970']);
});

test('what was taken here stays as it was stored, though a clock was wrong', () => {
  const stored = [own('b', '2020-01-01T00:00:00Z'), own('a', '2026-01-01T00:00:00Z')];
  expect(order(...stored)).toEqual(['b', 'a']);
  expect(order(...stored, brought('c', '2025-01-01T00:00:00Z'))).toEqual(['c', 'b', 'a']);
});
