import { expect, test } from 'vitest';
import { requireEmail, requireNotBlank } from './constraints.ts';
import { instantText, storedInstant } from './instants.ts';
import { BareError } from './spring-errors.ts';

test.each([
  'a@b',
  'a.b+c@example.com',
  '"a b"@example.com',
  'ឈ្មោះ@example.com',
  'a@münchen.example',
  'a@[127.0.0.1]',
  `${'x'.repeat(64)}@x`,
])('%s is an e-mail address', (email) => {
  expect(requireEmail(email)).toBe(email);
});

test.each([
  'a',
  '@b',
  'a@',
  'a b@c',
  '.a@b',
  'a..b@c',
  'a@b.',
  'a@-b',
  'a@b..c',
  `${'x'.repeat(65)}@x`,
  `a@${'x'.repeat(64)}`,
])('%s is none', (email) => {
  expect(() => requireEmail(email)).toThrow(BareError);
});

test('blank is what Java’s trim leaves nothing of', () => {
  for (const blank of [null, '', ' ', '\t\n\0']) expect(() => requireNotBlank(blank)).toThrow(BareError);
  // A no-break space is above the space, so it stays.
  expect(requireNotBlank('\u00a0')).toBe('\u00a0');
});

test('an instant has 0, 3, 6 or 9 digits', () => {
  const at = (nanoseconds: bigint): string => instantText(1_714_564_800_000_000_000n + nanoseconds);
  expect([0n, 780_000_000n, 789_123_000n, 1n].map(at)).toEqual([
    '2024-05-01T12:00:00Z',
    '2024-05-01T12:00:00.780Z',
    '2024-05-01T12:00:00.789123Z',
    '2024-05-01T12:00:00.000000001Z',
  ]);
  expect(storedInstant('2024-05-01 12:00:00.5')).toBe('2024-05-01T12:00:00.500Z');
});
