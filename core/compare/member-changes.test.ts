import { describe, expect, it } from 'vitest';
import { REDACTED } from '../model/secret.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import { recordComparer } from './member-changes.ts';
import { shownValue } from '../model/hide-secrets.ts';
import { everyMember } from './testing/in-memory-side.ts';

function changes(
  section: Section,
  left: JsonObject,
  right: JsonObject,
  knows?: [string[], string[]],
): unknown {
  const [l, r] = knows ?? [everyMember(section), everyMember(section)];
  return recordComparer(section, l, r).changes(left, right);
}

function all(section: Section, left: JsonObject, right: JsonObject, knows?: [string[], string[]]): unknown {
  const [l, r] = knows ?? [everyMember(section), everyMember(section)];
  return recordComparer(section, l, r).changesAndUnknowns(left, right);
}

const alice = { username: 'alice', email: 'a@x' };

describe('comparing two records', () => {
  it('leaves ids and timestamps out', () => {
    expect(
      changes('users', { ...alice, id: '1', createdAt: 'x' }, { ...alice, id: '2', updatedAt: 'y' }),
    ).toEqual([]);
  });

  it('takes null, absence and an empty list of the lists it knows for the same', () => {
    expect(changes('users', { ...alice, lastName: null, roles: [] }, alice)).toEqual([]);
    expect(changes('clients', { clientId: 'c', scopes: [] }, { clientId: 'c', scopes: null })).toEqual([]);
    expect(changes('users', { ...alice, lastName: '' }, alice)).toEqual([{ member: 'lastName', from: '' }]);
  });

  it('finds a member that one side knows to be empty', () => {
    expect(changes('users', { ...alice, lastName: 'Doe' }, alice)).toEqual([
      { member: 'lastName', from: 'Doe' },
    ]);
  });

  it('finds no difference where a side cannot tell, and says so when asked', () => {
    const right = { ...alice, lastName: 'Doe' };
    expect(changes('users', alice, right, [['email'], []])).toEqual([]);
    expect(all('users', alice, right, [['email'], []])).toEqual([
      { member: 'lastName', to: 'Doe', unknown: 'left' },
    ]);
    expect(all('users', right, alice, [[], ['email']])).toEqual([
      { member: 'lastName', from: 'Doe', unknown: 'right' },
    ]);
  });

  it('compares lists that are sets in meaning as sets', () => {
    const left = { clientId: 'c', redirectUris: ['a', 'b'], grantTypes: ['x'] };
    expect(
      changes('clients', left, { clientId: 'c', redirectUris: ['b', 'a', 'b'], grantTypes: ['x'] }),
    ).toEqual([]);
    expect(changes('clients', left, { clientId: 'c', redirectUris: ['a'], grantTypes: ['x'] })).toEqual([
      { member: 'redirectUris', from: ['a', 'b'], to: ['a'] },
    ]);
  });

  it('compares members that it does not know to the bottom', () => {
    const left = { ...alice, attributes: { a: [1, { b: 2 }] } };
    expect(changes('users', left, structuredClone(left))).toEqual([]);
    expect(changes('users', left, { ...alice, attributes: { a: [1, { b: 3 }] } })).toHaveLength(1);
    expect(changes('users', left, { ...alice, attributes: { a: [1, { b: 2 }], c: null } })).toEqual([]);
    expect(changes('users', left, { ...alice, attributes: { a: [1] } })).toHaveLength(1);
  });

  it('leaves the ids of further rows of one key out, and nothing else of them', () => {
    const rows = (id: string, action: string): JsonObject => ({
      name: 'p',
      additional: [{ id, action }, { action: 'x' }],
    });
    expect(changes('policies', rows('a', 'read'), rows('b', 'read'))).toEqual([]);
    expect(changes('policies', rows('a', 'read'), rows('a', 'write'))).toHaveLength(1);
    expect(
      changes('policies', { name: 'p', other: [{ id: 'a' }] }, { name: 'p', other: [{ id: 'b' }] }),
    ).toHaveLength(1);
  });
});

describe('secrets in a comparison', () => {
  const client = { clientId: 'c' };

  it('cannot tell where a server hid one, at any depth', () => {
    expect(
      changes('clients', { ...client, clientSecret: REDACTED }, { ...client, clientSecret: 'x' }),
    ).toEqual([]);
    expect(changes('clients', { ...client, clientSecret: REDACTED }, client)).toEqual([]);
    const smtp = (password: JsonObject | string, host = 'h'): JsonObject => ({
      name: 'r',
      smtpConfig: { host, password },
    });
    expect(changes('realm', smtp(REDACTED), smtp('x'))).toEqual([]);
    expect(all('realm', smtp(REDACTED), smtp(REDACTED))).toEqual([]);
    expect(all('realm', smtp(REDACTED), smtp('x'))).toMatchObject([
      { member: 'smtpConfig', unknown: 'left' },
    ]);
    expect(changes('realm', smtp(REDACTED, 'h1'), smtp('canary', 'h2'))).toEqual([
      {
        member: 'smtpConfig',
        from: { host: 'h1', password: '<redacted by the server>' },
        to: { host: 'h2', password: '<present, not shown>' },
      },
    ]);
  });

  it('cannot compare a secret with a hash', () => {
    const hashed = { ...client, secretHash: '$2a$12$abc' };
    expect(changes('clients', hashed, { ...client, clientSecret: 'plain' })).toEqual([]);
    expect(changes('clients', hashed, { ...client, clientSecret: REDACTED })).toEqual([]);
    expect(changes('users', { ...alice, password: '$2a$12$abc' }, { ...alice, password: 'x' })).toEqual([]);
  });

  it.each(['abc', '5f4dcc3b5aa765d61d8327deb882cf99', 'pbkdf2_sha256$1$a$b'])(
    'takes what is called a hash for one, whatever it looks like: %s',
    (hash) => {
      const key = { username: 'a', type: 'PASSWORD' };
      const bcrypt = '$2a$12$VIXLXQOYHMO9mJKQpr4zyjksATJ5pcPD/RChyuV.FGAeZxAsfdY8P';
      expect(
        changes('credentials', { ...key, secretHash: bcrypt }, { ...key, secretHash: hash }),
      ).toHaveLength(1);
      const client = { clientId: 'a' };
      expect(
        changes('clients', { ...client, secretHash: hash }, { ...client, secretHash: bcrypt }),
      ).toHaveLength(1);
      const more = (secretHash: string) => ({ ...key, secretHash: bcrypt, additional: [{ secretHash }] });
      expect(changes('credentials', more(bcrypt), more(hash))).toHaveLength(1);
    },
  );

  it('tells different secrets apart and shows neither', () => {
    for (const [left, right] of [
      [
        { ...client, secretHash: '$2a$12$canary1' },
        { ...client, secretHash: '$2a$12$canary2' },
      ],
      [
        { ...client, clientSecret: 'canary1' },
        { ...client, clientSecret: 'canary2' },
      ],
      [client, { ...client, clientSecret: 'canary2' }],
      [
        { ...client, vault: { apiKey: 'canary1' } },
        { ...client, vault: { apiKey: 'canary2' } },
      ],
      [
        { ...client, clientSecrets: ['canary1'] },
        { ...client, clientSecrets: ['canary2'] },
      ],
    ]) {
      const found = changes('clients', left!, right!);
      expect(found).toHaveLength(1);
      expect(JSON.stringify(found)).not.toContain('canary');
    }
    const hash = changes(
      'credentials',
      { username: 'a', type: 'PASSWORD', secretHash: 'canary1' },
      { username: 'a', type: 'PASSWORD', secretHash: 'canary2' },
    );
    expect(hash).toEqual([
      { member: 'secretHash', from: '<present, not shown>', to: '<present, not shown>' },
    ]);
  });

  it('hides what stands inside a secret’s member', () => {
    const hidden = '<present, not shown>';
    expect(shownValue('users', 'credentials', [{ type: 'otp', value: 'canary' }])).toEqual([
      { type: hidden, value: hidden },
    ]);
    expect(shownValue('users', 'password', { value: 'canary', temporary: true })).toEqual({
      value: hidden,
      temporary: true,
    });
    expect(shownValue('realm', 'passwordPolicy', { minLength: 8 })).toEqual({ minLength: 8 });
    expect(shownValue('clients', 'clientSecret', REDACTED)).toBe('<redacted by the server>');
  });
});
