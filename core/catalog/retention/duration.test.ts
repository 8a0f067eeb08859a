import { expect, it } from 'vitest';
import { after, before } from './duration.ts';

it.each([
  ['2026-03-31T10:00:00Z', '1m', '2026-02-28T10:00:00Z'],
  ['2024-03-31T10:00:00Z', '1m', '2024-02-29T10:00:00Z'],
  ['2026-11-29T10:00:00Z', '1y6m', '2025-05-29T10:00:00Z'],
  ['2024-02-29T10:00:00Z', '1y', '2023-02-28T10:00:00Z'],
  ['2026-11-29T10:00:00Z', '90d', '2026-08-31T10:00:00Z'],
  ['2026-11-29T10:00:00Z', '2w1d12h', '2026-11-13T22:00:00Z'],
  ['2026-11-29T10:00:00Z', '0d', '2026-11-29T10:00:00Z'],
])('before %s by %s lies %s', (instant, duration, expected) => {
  expect(before(new Date(instant), duration)).toEqual(new Date(expected));
});

it.each([
  ['2026-01-31T10:00:00Z', '1m', '2026-02-28T10:00:00Z'],
  ['2026-11-29T10:00:00Z', '1y6m', '2028-05-29T10:00:00Z'],
  ['2026-11-29T10:00:00Z', '30d', '2026-12-29T10:00:00Z'],
  ['2026-11-29T10:00:00Z', '2w1d12h', '2026-12-14T22:00:00Z'],
])('after %s by %s lies %s', (instant, duration, expected) => {
  expect(after(new Date(instant), duration)).toEqual(new Date(expected));
});
