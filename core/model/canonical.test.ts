import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBody, canonicalRecord } from './canonical.ts';
import { parseLine } from './exact-json.ts';
import type { JsonObject } from './record.ts';
import { REDACTED } from './secret.ts';
import { SECTIONS } from './sections.ts';
import { recordBody, shuffled } from './testing/arbitraries.ts';

const line = (section: Parameters<typeof canonicalRecord>[0], body: JsonObject) =>
  canonicalRecord(section, body).line.toString();

describe.each(SECTIONS)('the canonical form of %s', (section) => {
  it('does not depend on the order of members, at any depth', () => {
    fc.assert(
      fc.property(recordBody(section), fc.integer(), (body, seed) => {
        expect(line(section, shuffled(body, seed) as JsonObject)).toBe(line(section, body));
      }),
    );
  });

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(recordBody(section), (body) => {
        const first = canonicalRecord(section, body);
        const again = canonicalRecord(section, parseLine(first.line));
        expect(again).toEqual(first);
      }),
    );
  });

  it('keeps every member', () => {
    fc.assert(
      fc.property(recordBody(section), (body) => {
        expect(Object.keys(canonicalBody(section, body)).sort()).toEqual(Object.keys(body).sort());
      }),
    );
  });
});

describe('the canonical form', () => {
  it('puts known members in schema order and unknown ones behind, by code point', () => {
    const body = { 'z\uFB00': 1, 'z😀': 2, enabled: true, a: { c: 1, b: 2 }, username: 'u', email: 'e' };
    expect(line('users', body)).toBe(
      '{"username":"u","email":"e","enabled":true,"a":{"b":2,"c":1},"zﬀ":1,"z😀":2}',
    );
  });

  it('sorts sets and removes doubles, and leaves the order of lists', () => {
    expect(line('users', { username: 'u', roles: ['b', 'a', '😀', 'ﬀ', 'b'] })).toBe(
      '{"username":"u","roles":["a","b","ﬀ","😀"]}',
    );
    expect(line('clients', { clientId: 'c', redirectUris: ['b', 'a', 'b'] })).toBe(
      '{"clientId":"c","redirectUris":["b","a","b"]}',
    );
  });

  it('keeps a member called __proto__, at the top and below', () => {
    const body = JSON.parse('{"username":"u","__proto__":{"__proto__":1,"a":2}}') as JsonObject;
    expect(line('users', body)).toBe('{"username":"u","__proto__":{"__proto__":1,"a":2}}');
  });

  it('keeps null, empty text, empty lists and objects apart', () => {
    const body = { clientId: 'c', name: null, description: '', scopes: [], other: {} };
    expect(line('clients', body)).toBe(
      '{"clientId":"c","name":null,"description":"","scopes":[],"other":{}}',
    );
  });

  it('turns masks of secrets into their state, wherever the name is a secret’s', () => {
    const body = {
      clientId: 'c',
      clientSecret: '**********',
      registration: { token: '<redacted>', note: '***' },
    };
    expect(line('clients', body)).toBe(
      '{"clientId":"c","clientSecret":{"$secret":"redacted"},"registration":{"note":"***","token":{"$secret":"redacted"}}}',
    );
    expect(line('realm', { name: 'r', smtpConfig: { pass: '********', user: '***' } })).toBe(
      '{"name":"r","smtpConfig":{"pass":{"$secret":"redacted"},"user":"***"}}',
    );
  });

  it('leaves the state of a secret as it is', () => {
    const once = line('clients', { clientId: 'c', clientSecret: '***', inner: { token: '***' } });
    expect(line('clients', JSON.parse(once) as JsonObject)).toBe(once);
  });

  it('gives one instant one form', () => {
    const at = (createdAt: string) => line('users', { username: 'u', createdAt });
    expect(
      new Set(
        ['2025-01-01T00:00:00.5Z', '2025-01-01T02:00:00.500+02:00', '2025-01-01T00:00:00.500000000Z'].map(at),
      ).size,
    ).toBe(1);
  });
});

describe('a mask under a name that says nothing', () => {
  it.each(['**********', '<redacted>', '[HIDDEN]', '(masked)'])('%s is known to be one', (mask) => {
    const body = { name: 'r', smtpConfig: { signingMaterial: mask, nested: [{ k: mask }] }, vault: mask };
    expect(canonicalBody('realm', body)).toEqual({
      name: 'r',
      smtpConfig: { signingMaterial: REDACTED, nested: [{ k: REDACTED }] },
      vault: REDACTED,
    });
  });

  it('stays what it is where people write: a description is no secret', () => {
    const body = { name: 'r', description: '**********' };
    expect(canonicalBody('roles', body)).toEqual(body);
  });
});
