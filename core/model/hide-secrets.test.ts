import { describe, expect, it } from 'vitest';
import { parseExact } from './exact-json.ts';
import { withSecretsHidden } from './hide-secrets.ts';
import type { JsonObject } from './record.ts';
import { REDACTED } from './secret.ts';

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
    const shown = JSON.stringify(withSecretsHidden('users', record));
    expect(shown).not.toContain(canary);
    expect(shown).not.toContain('424242');
    expect(shown).toContain('"username":"u"');
  });

  it('has no password of an address in it, in a list neither, though all of it is encoded', () => {
    const redirectUris = ['com.app:/cb?next=https%3A%2F%2Fann%3ACANARY%40host%2F', 'com.app:/'];
    expect(withSecretsHidden('clients', { redirectUris })).toEqual({
      redirectUris: ['com.app:/cb?next=https%3A%2F%2Fann%3A<present, not shown>%40host%2F', 'com.app:/'],
    });
  });

  it('tells a redacted secret from one that is there', () => {
    expect(
      withSecretsHidden('clients', { clientSecret: REDACTED, password: 'x', enabled: true, token: null }),
    ).toEqual({
      clientSecret: '<redacted by the server>',
      password: '<present, not shown>',
      enabled: true,
      token: null,
    });
  });

  it('keeps long numbers and members called __proto__', () => {
    const text = '{"__proto__":{"n":12345678901234567890}}';
    expect(JSON.stringify(withSecretsHidden('users', parseExact(text) as JsonObject))).toBe(text);
  });
});
