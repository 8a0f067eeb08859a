import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalRecord } from '../../../model/canonical.ts';
import type { CanonicalRecord, JsonObject, JsonValue } from '../../../model/record.ts';
import { wordsOf, type Words } from './byte-writing.ts';
import { RowLines, type RowShape } from './row-lines.ts';
import { binaryRow, instantBytes } from './testing/binary-row.ts';

const ID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8ff';
const FIELDS: RowShape['fields'] = [
  { member: 'username', kind: 'text', key: true, source: 'users.username' },
  { member: 'email', kind: 'text', source: 'users.email' },
  { member: 'firstName', kind: 'text', source: 'users.first_name' },
  { member: 'enabled', kind: 'boolean', source: 'users.enabled' },
  'roles',
  'id',
  { member: 'createdAt', kind: 'instant', source: 'users.created_at' },
];
const USERS: RowShape = { section: 'users', table: 'users', fields: FIELDS, unknown: [] };
const CREDENTIALS: RowShape = {
  section: 'credentials',
  table: 'user_credentials',
  fields: [
    { member: 'username', kind: 'text', key: true, owner: true, source: 'users.username' },
    { member: 'type', kind: 'text', key: true, source: 'user_credentials.credential_type' },
    { member: 'secretHash', kind: 'secret', source: 'user_credentials.secret_hash' },
    'id',
  ],
  unknown: [],
};

const LINKS: RowShape = {
  section: 'socialLinks',
  table: 'user_social_links',
  fields: [
    { member: 'provider', kind: 'text', key: true, source: 'user_social_links.provider' },
    { member: 'providerUserId', kind: 'text', key: true, source: 'user_social_links.provider_user_id' },
    { member: 'username', kind: 'text', owner: true, source: 'users.username' },
    'id',
  ],
  unknown: [],
};
const refuse = (id: string): never => {
  throw new Error(`The row ${id} was left out.`);
};

/** What PostgreSQL can hold: any text without NUL. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc
      .array(fc.constantFrom(...Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code))))
      .map((all) => all.join('')),
    fc.constantFrom('\u2028\u2029', '\v\f\b', '"\\/', '\u007f', '\ufeff', '\u{10ffff}', ''),
  )
  .map((any) => any.replaceAll('\0', ''));
const name = text.filter((any) => any !== '');
/** In microseconds; the years that an instant of four digits can have. */
const micros = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
  fc.bigInt({ min: 1_500_000_000_000n, max: 1_800_000_000_000n }).map((milliseconds) => milliseconds * 1000n),
  fc.bigInt({ min: 1_500_000_000n, max: 1_800_000_000n }).map((seconds) => seconds * 1_000_000n),
);

describe('lines made of COPY rows', () => {
  it('are what canonicalRecord gives for the same user', () => {
    const user = fc.record(
      {
        username: name,
        email: text,
        firstName: text,
        enabled: fc.boolean(),
        roles: fc.array(text),
        createdAt: micros,
      },
      { requiredKeys: ['username', 'roles', 'createdAt'] },
    );
    fc.assert(
      fc.property(fc.array(user, { minLength: 1, maxLength: 20 }), (users) => {
        const lines = new RowLines(USERS, refuse, (bytes, at) => rolesText(users[bytes[at]!]!.roles));
        users.forEach((each, i) => {
          // The id's first byte tells the user.
          const row = [
            idOf(i),
            each.username,
            each.email,
            each.firstName,
            each.enabled,
            instantBytes(each.createdAt),
          ];
          addRow(lines, row);
        });
        const expected = users.map(({ createdAt, ...each }, i) =>
          canonicalRecord('users', {
            ...each,
            id: textOf(idOf(i)),
            createdAt: isoOf(createdAt),
          }),
        );
        expectSame(lines.take(), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('are what canonicalRecord gives for the same credential, masks and all', () => {
    const hash = fc.oneof(
      text,
      fc.constantFrom('$2a$12$abc', '**********', '***', '<redacted>', 'xxxx', '', '[HIDDEN]', '$', '...'),
    );
    fc.assert(
      fc.property(name, name, hash, (username, type, secretHash) => {
        const lines = new RowLines(CREDENTIALS, refuse);
        addRow(lines, [idBytes(), username, type, secretHash]);
        const expected = canonicalRecord('credentials', { username, type, secretHash, id: ID });
        expectSame(lines.take(), [expected]);
      }),
      { numRuns: 500 },
    );
  });

  it('carry unknown columns as canonicalRecord does, of whatever names', () => {
    const member = fc.oneof(
      text,
      fc.constantFrom('__proto__', '1', '007', '42', 'z', 'apiToken', '\ufb00', '😀'),
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('********', { password: '***', b: [1, { z: 1, a: 2 }] }),
    );
    const unknown = fc.uniqueArray(fc.tuple(member, value), { selector: ([own]) => own, maxLength: 5 });
    fc.assert(
      fc.property(name, unknown, (username, columns) => {
        const kept = columns.filter(
          ([own]) => !['username', 'email', 'id', 'roles', 'enabled'].includes(own),
        );
        const shape: RowShape = {
          ...USERS,
          fields: [FIELDS[0]!, 'id'],
          unknown: kept.map(([own]) => ({ member: own, source: `users.${own}` })),
        };
        const lines = new RowLines(shape, refuse);
        addRow(lines, [idBytes(), username, ...kept.map(([, any]) => JSON.stringify(any))]);
        const body = Object.fromEntries([
          ['username', username],
          ['id', ID],
          ...kept.filter(([, any]) => any !== null),
        ]) as JsonObject;
        for (const [own, any] of kept)
          if (own === '__proto__' && any !== null)
            Object.defineProperty(body, own, { value: any, enumerable: true, configurable: true });
        expectSame(lines.take(), [canonicalRecord('users', body)]);
      }),
      { numRuns: 300 },
    );
  });

  it('keep digits that a double would lose', () => {
    const lines = new RowLines(
      {
        ...USERS,
        fields: [FIELDS[0]!, 'id'],
        unknown: [{ member: 'big', source: 'users.big' }],
      },
      refuse,
    );
    addRow(lines, [idBytes(), 'u', '123456789012345678901234567890.5']);
    expect(lines.take()[0]!.line.toString()).toBe(
      `{"username":"u","id":"${ID}","big":123456789012345678901234567890.5}`,
    );
  });

  it('hold in rows much larger than a batch, and stay right after them', () => {
    const large = '\u0001'.repeat(300_000);
    const lines = new RowLines({ ...USERS, unknown: [{ member: 'notes', source: 'users.notes' }] }, refuse);
    const usernames = ['a', 'b', 'c', 'd'];
    for (const username of usernames)
      addRow(lines, [
        idBytes(),
        username,
        large,
        null,
        true,
        null,
        username === 'b' ? JSON.stringify(large) : null,
      ]);
    const records = lines.take();
    expect(lines.isFull).toBe(false);
    expectSame(
      records,
      usernames.map((username) =>
        canonicalRecord('users', {
          username,
          email: large,
          enabled: true,
          id: ID,
          ...(username === 'b' && { notes: large }),
        }),
      ),
    );
  });

  it('say when there are enough for a batch', () => {
    const lines = new RowLines(CREDENTIALS, refuse);
    let rows = 0;
    while (!lines.isFull) addRow(lines, [idBytes(), `user ${rows++}`, 'PASSWORD', '$2a$']);
    expect(rows).toBeLessThanOrEqual(1_000);
    expect(lines.take()).toHaveLength(rows);
    expect(lines.isFull).toBe(false);
  });

  it.each([
    ['no name', CREDENTIALS, ['', 'PASSWORD', 'x'], true],
    ['no type', CREDENTIALS, ['alice', '', 'x'], false],
    ['a null for a name', USERS, [null, 'a@x', null, true, null], false],
    ['a user without a name', LINKS, ['google', '1', ''], true],
    ['no provider', LINKS, ['', '1', 'alice'], false],
  ] as const)('leave out a row with %s, and tell it', (_what, shape, values, isOfUser) => {
    const told: unknown[] = [];
    const lines = new RowLines(shape, (...row) => told.push(row));
    const fine = shape === USERS ? ['u', 'a@x', null, true, null] : ['a', 'b', 'c'];
    for (const row of [fine, values, fine]) addRow(lines, [idBytes(), ...row]);
    const [first, second, ...more] = lines.take().map(({ key, line }) => [key, line.toString()]);
    expect(first).toEqual(second);
    expect(more).toEqual([]);
    expect(told).toEqual([[ID, isOfUser]]);
  });

  it.each([
    ['the key', 1, 'username'],
    ['another text', 2, 'email'],
  ])(
    'refuse bytes that are no UTF-8 in %s: table, column and id are named, the bytes are not shown',
    (_what, at, column) => {
      const lines = new RowLines(USERS, refuse);
      addRow(lines, [idBytes(), 'before', 'x', null, true, null]);
      const values = [idBytes(), 'secret-canary', 'secret-canary', null, true, null];
      values[at] = Buffer.from([0x73, 0x65, 0xe9, 0x63]);
      addRow(lines, values);
      expect(() => lines.take()).toThrow(
        expect.objectContaining({
          code: 'UNEXPECTED_ANSWER',
          message: `A text in column ${column} of table users is not valid UTF-8: the row with id ${ID}.`,
        }),
      );
    },
  );

  it('refuse bytes that are no UTF-8 in an unknown column and in a hash', () => {
    const bad = Buffer.from([0x22, 0xff, 0x22]);
    const unknown = new RowLines(
      {
        ...CREDENTIALS,
        unknown: [{ member: 'hint', source: 'user_credentials.hint' }],
      },
      refuse,
    );
    expect(() => addRow(unknown, [idBytes(), 'u', 't', '$', bad])).toThrow(
      /column hint of table user_credentials/,
    );
    const hash = new RowLines(CREDENTIALS, refuse);
    addRow(hash, [idBytes(), 'u', 't', bad]);
    expect(() => hash.take()).toThrow(/column secret_hash of table user_credentials/);
  });
});

type Value = Buffer | string | boolean | null | undefined;

function addRow(lines: RowLines, values: readonly Value[]): void {
  // Not at the beginning of its buffer: the rows of a COPY are not.
  const row = Buffer.concat([Buffer.from('prefix'), binaryRow(values), Buffer.from('suffix')]);
  lines.add(row, 6, row.length - 6);
}

function expectSame(found: readonly CanonicalRecord[], expected: readonly CanonicalRecord[]): void {
  expect(found.map(({ key, line }) => [key, line.toString('latin1')])).toEqual(
    expected.map(({ key, line }) => [key, line.toString('latin1')]),
  );
}

function idBytes(): Buffer {
  return Buffer.from(ID.replaceAll('-', ''), 'hex');
}

function idOf(n: number): Buffer {
  return Buffer.from([n, ...idBytes().subarray(1)]);
}

function textOf(id: Buffer): string {
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** As an independent writer would. */
function rolesText(roles: readonly JsonValue[]): Words {
  const line = canonicalRecord('users', { username: 'u', roles: [...roles] }).line.toString();
  return wordsOf(line.slice('{"username":"u","roles":'.length, -1));
}

function isoOf(micro: bigint): string {
  const milliseconds = Number(micro / 1000n - (micro % 1000n < 0n ? 1n : 0n));
  const rest = ((micro % 1000n) + 1000n) % 1000n;
  return new Date(milliseconds).toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
