import { expect, test } from 'vitest';
import { bytes, counted, instant, integer, listed, seconds } from './numbers.ts';

test('numbers as people read them', () => {
  expect(integer(1_234_567)).toBe('1,234,567');
  expect([counted(1, 'user'), counted(0, 'user'), counted(4312, 'policy', 'policies')]).toEqual([
    '1 user',
    '0 users',
    '4,312 policies',
  ]);
  expect([bytes(999), bytes(1000), bytes(999_949), bytes(999_950), bytes(1_500_000_000)]).toEqual([
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '1.5 GB',
  ]);
  expect([seconds(940), seconds(61_500)]).toEqual(['0.9 s', '1 min 1 s']);
  expect(instant('2026-03-04T05:06:07.890Z')).toBe('2026-03-04 05:06:07 UTC');
  expect([listed(['a']), listed(['a', 'b', 'c']), listed([])]).toEqual(['a', 'a, b and c', '']);
});
