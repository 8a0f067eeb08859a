import { expect, it } from 'vitest';
import { secretsKeptLines } from './apply.ts';

it('names the command that shows new secrets, on the catalog that keeps them, where there are some', () => {
  const io = { self: 'drawbridge --catalog /srv/drawbridge' };
  expect(secretsKeptLines('job1', 2, io)).toEqual([
    '2 new secrets can be shown, once: drawbridge --catalog /srv/drawbridge job secrets job1',
  ]);
  expect(secretsKeptLines('job1', 0, io)).toEqual([]);
});
