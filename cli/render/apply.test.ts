import { expect, it } from 'vitest';
import { secretsKeptLines } from './apply.ts';

it('names the command that shows new secrets, where there are some', () => {
  expect(secretsKeptLines('job1', 2)).toEqual([
    '2 new secrets can be shown, once: drawbridge job secrets job1',
  ]);
  expect(secretsKeptLines('job1', 0)).toEqual([]);
});
