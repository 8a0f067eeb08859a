import { describe, expect, it } from 'vitest';
import { parseExact } from './exact-json.ts';
import {
  clientSecretState,
  countRedactions,
  isMask,
  isRedacted,
  isSecretName,
  REDACTED,
  withSecretsHidden,
} from './secret.ts';
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

describe('a secret’s name', () => {
  it.each([
    'password',
    'clientSecret',
    'client_secret',
    'smtpPassword',
    'pass',
    'smtpPass',
    'secretHash',
    'apiKey',
    'signingKey',
    'access_key',
    'api_keys',
    'refreshTokens',
    'passwordHashes',
    'credentials',
    'privateKey',
    'pwd',
  ])('is %s', (name) => expect(isSecretName(name)).toBe(true));
  it.each([
    'passwordPolicy',
    'tokenLifespanSeconds',
    'accessTokenLifespan',
    'tokenType',
    'username',
    'bypass',
    'compass',
    'tokenEndpoint',
    'note',
  ])('is not %s', (name) => expect(isSecretName(name)).toBe(false));
});

describe('what is shown', () => {
  it('has no secret in it, whatever shape it has', () => {
    const canary = 'CANARY-7f3a';
    const record = {
      username: 'u',
      password: canary,
      passwords: [canary, { value: canary }],
      clientSecret: { value: canary, rotatedAt: '2025-01-01T00:00:00Z' },
      nested: [{ apiKey: canary, deep: { token: [[canary]] } }],
      secretHash: canary,
      credentials: [{ type: 'password', value: canary }],
      pin: { secret: 424242 },
    };
    const shown = JSON.stringify(withSecretsHidden(record));
    expect(shown).not.toContain(canary);
    expect(shown).not.toContain('424242');
    expect(shown).toContain('"username":"u"');
  });

  it('tells a redacted secret from one that is there', () => {
    expect(withSecretsHidden({ clientSecret: REDACTED, password: 'x', enabled: true, token: null })).toEqual({
      clientSecret: '<redacted by the server>',
      password: '<present, not shown>',
      enabled: true,
      token: null,
    });
  });

  it('keeps long numbers and members called __proto__', () => {
    const text = '{"__proto__":{"n":12345678901234567890}}';
    expect(JSON.stringify(withSecretsHidden(parseExact(text)))).toBe(text);
  });
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
