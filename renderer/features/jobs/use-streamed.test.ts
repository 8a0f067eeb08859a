import { expect, it } from 'vitest';
import { PartReader } from './use-streamed.ts';

async function* batches(...of: number[][]): AsyncGenerator<number[]> {
  yield* of;
}

it('hands on batches of any size in parts of one, and knows with the last that it is the last', async () => {
  const parts = async (size: number, ...of: number[][]) => {
    const reader = new PartReader(async () => batches(...of));
    const read = [];
    do read.push(await reader.next(size));
    while (!read.at(-1)!.ended);
    return read.map(({ rows }) => rows);
  };
  expect(await parts(2, [1, 2, 3], [], [4])).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(await parts(3, [1], [2, 3], [4])).toEqual([[1, 2, 3], [4]]);
  expect(await parts(5)).toEqual([[]]);
});
