import { describe, expect, it } from 'vitest';
import { clientSecretState, countRedactions, isMask, isRedacted, REDACTED } from './secret.ts';
import { canonicalRecord } from './canonical.ts';

describe('a mask', () => {
  it.each([
    '***',
    '**********',
    '••••••',
    'xxxxxxxx',
    '<redacted>',
    '[HIDDEN]',
    '(secret)',
    'REDACTED',
    '___',
    '...',
  ])('is %s', (text) => expect(isMask(text)).toBe(true));
  it.each(['', '**', 's3cret', '***a', 'redacted-by-me', '$2a$12$abc', 'hidden value'])('is not %s', (text) =>
    expect(isMask(text)).toBe(false),
  );
});

it('knows the state of a client’s secret', () => {
  expect(clientSecretState({ clientId: 'a' })).toBe('absent');
  expect(clientSecretState({ clientId: 'a', clientSecret: REDACTED })).toBe('redacted');
  expect(clientSecretState({ clientId: 'a', clientSecret: 's' })).toBe('present');
  expect(clientSecretState({ clientId: 'a', secretHash: '$2a$', clientSecret: REDACTED })).toBe('present');
});

it('counts redacted secrets in a line, and not what only looks like one', () => {
  const count = (body: Parameters<typeof canonicalRecord>[1]) =>
    countRedactions(canonicalRecord('clients', body).line);
  expect(count({ clientId: 'c', clientSecret: '***', other: [{ token: '***' }] })).toBe(2);
  expect(count({ clientId: 'c', description: '{"$secret":"redacted"}' })).toBe(0);
  expect(isRedacted({ $secret: 'other' })).toBe(false);
});
