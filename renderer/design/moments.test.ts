import { expect, test } from 'vitest';
import { ago, counted, instantText, momentText } from './moments.ts';

test('times as seen from now are English', () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  expect(ago('2026-11-29T09:00:00Z', now)).toBe('3 hours ago');
  expect(ago('2026-12-01T12:00:00Z', now)).toBe('in 2 days');
  expect(ago('2026-11-28T06:00:00Z', now)).toBe('1 day ago');
  expect(ago('2026-11-29T11:00:20Z', now)).toBe('1 hour ago');
  expect(ago('2026-11-29T11:00:40Z', now)).toBe('59 minutes ago');
  expect(ago('2026-11-29T12:00:59.8Z', now)).toBe('in 1 minute');
  expect(ago('2026-11-29T12:00:00.2Z', now)).toBe('now');
  expect(momentText('2026-11-29T12:00:00Z')).toMatch(/\bNov\b/);
  expect(counted(1_203, 'user')).toBe('1,203 users');
});

test('of a record’s values only those are instants that are in a calendar', () => {
  expect(instantText('2026-11-29T12:00:05.123Z')).toMatch(/\bNov\b.*\d\d:05\b/);
  for (const text of [
    '2026-13-45T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-11-29T24:00:00Z',
    '2026-11-29',
    'on 2026-11-29T12:00:00Z',
  ])
    expect(instantText(text)).toBeUndefined();
});
