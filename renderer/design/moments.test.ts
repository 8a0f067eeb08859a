import { expect, test } from 'vitest';
import { ago, counted, momentText } from './moments.ts';

test('times as seen from now are English', () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  expect(ago('2026-11-29T09:00:00Z', now)).toBe('3 hours ago');
  expect(ago('2026-12-01T12:00:00Z', now)).toBe('in 2 days');
  expect(momentText('2026-11-29T12:00:00Z')).toMatch(/\bNov\b/);
  expect(counted(1_203, 'user')).toBe('1,203 users');
});
