import { describe, expect, test } from 'vitest';
import { chooseBases } from './base-choice.ts';
import type { ChunkPlace } from './chunk-table.ts';
import { Predecessors } from './predecessors.ts';

function places(...chunks: [seq: number, depth: number, bases: number[], bytes: number][]) {
  const bySeq = new Map<number, ChunkPlace>(
    chunks.map(([seq, depth, bases, bytes]) => [seq, { id: String(seq), depth, bases, bytes }]),
  );
  return (seq: number) => bySeq.get(seq);
}

describe('what a chunk is built on', () => {
  const chain = places([1, 0, [], 30_000], [2, 1, [1], 900], [3, 2, [2], 100], [4, 3, [3], 100]);

  test('is its predecessor while the chain is short', () => {
    expect(chooseBases([4], 3, chain)).toEqual([4]);
    expect(chooseBases([], 3, chain)).toEqual([]);
  });

  test('skips what weighs least for the steps it frees', () => {
    expect(chooseBases([4], 2, chain)).toEqual([2]);
    expect(chooseBases([4], 0, chain)).toEqual([1]);
  });

  test('of two predecessors shortens the longer chain', () => {
    const two = places([1, 0, [], 30_000], [2, 1, [1], 500], [3, 2, [2], 100], [9, 0, [], 30_000]);
    expect(chooseBases([3, 9], 1, two)).toEqual([2, 9]);
  });

  test('is nothing when that would take more than two', () => {
    const joined = places([1, 0, [], 1], [2, 0, [], 1], [3, 1, [1, 2], 1], [4, 0, [], 1]);
    expect(chooseBases([3, 4], 0, joined)).toEqual([]);
  });

  test('over 200 changes of one chunk costs a small multiple of an endless chain', () => {
    const MAX = 8;
    const bySeq = new Map<number, ChunkPlace>([[0, { id: '0', depth: 0, bases: [], bytes: 30_000 }]]);
    const changes = new Map([[0, 0]]);
    let written = 0;
    for (let seq = 1; seq <= 200; seq++) {
      const [base] = chooseBases([seq - 1], MAX - 1, (wanted) => bySeq.get(wanted));
      // Each snapshot changes one more line: a delta says as many as have changed since its base.
      const bytes = seq - changes.get(base!)!;
      const depth = bySeq.get(base!)!.depth + 1;
      expect(depth).toBeLessThanOrEqual(MAX);
      bySeq.set(seq, { id: String(seq), depth, bases: [base!], bytes });
      changes.set(seq, seq);
      written += bytes;
    }
    expect(written).toBeLessThan(4 * 200);
  });
});

describe('predecessors', () => {
  const chunks = ['b', 'f', 'k', 'p'].map((firstKey, i) => ({ seq: i + 1, firstKey }));
  const of = (...ranges: [string, string][]) => {
    const predecessors = new Predecessors(chunks);
    return ranges.map(([first, last]) => predecessors.of(first, last));
  };

  test('are the chunks that cover the same keys', () => {
    expect(of(['b', 'e'], ['f', 'j'], ['k', 'o'], ['p', 'z'])).toEqual([[1], [2], [3], [4]]);
  });

  test('are shared by the parts of a chunk that was split, and two for one that was joined', () => {
    expect(of(['b', 'c'], ['d', 'e'], ['f', 'o'], ['p', 'q'])).toEqual([[1], [1], [2, 3], [4]]);
  });

  test('of a wide range are those it covers whole', () => {
    expect(of(['c', 'z'])).toEqual([[2, 3]]);
  });

  test('before the first key: those that follow, if any', () => {
    expect(of(['a', 'aa'], ['ab', 'c'])).toEqual([[], [1]]);
    expect(new Predecessors([]).of('a', 'z')).toEqual([]);
  });
});
