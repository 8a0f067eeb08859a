import { describe, expect, it } from 'vitest';
import { chunked, refusal } from './testing/read-all.ts';

interface Row {
  readonly what: string;
  readonly document: string | Buffer;
  /** line:column of the place */
  readonly at: string;
  readonly path: string;
  readonly message: string;
  readonly remedy?: string;
}

/** A document whose interesting part begins on its own line, so that columns can be counted by eye. */
const user = (members: string) => `{"users": [\n{"username": "a"},\n${members}\n]}`;
const latin1 = (text: string) => Buffer.from(text, 'latin1');

const SYNTAX: readonly Row[] = [
  {
    what: 'an unquoted name',
    document: user('{username: "b"}'),
    at: '3:2',
    path: 'users[1]',
    message: 'expected a member name in double quotes, found “u”',
  },
  {
    what: 'single quotes',
    document: user(`{'username': 'b'}`),
    at: '3:2',
    path: 'users[1]',
    message: 'found a single quote',
    remedy: 'double quotes',
  },
  {
    what: 'a single quote as a value',
    document: user(`'b'`),
    at: '3:1',
    path: 'users[1]',
    message: 'expected a value, found a single quote',
  },
  {
    what: 'a trailing comma in an object',
    document: user('{"username": "b",}'),
    at: '3:18',
    path: 'users[1]',
    message: 'found “}”',
    remedy: 'Remove the comma',
  },
  {
    what: 'a trailing comma in a list',
    document: user('{"roles": ["x",], "username": "b"}'),
    at: '3:16',
    path: 'users[1].roles[1]',
    message: 'found “]”',
    remedy: 'Remove the comma',
  },
  {
    what: 'a trailing comma between records',
    document: '{"users": [{"username": "b"},\n]}',
    at: '2:1',
    path: 'users[1]',
    message: 'found “]”',
    remedy: 'Remove the comma',
  },
  {
    what: 'a trailing comma at the top',
    document: '{"users": [],\n}',
    at: '2:1',
    path: '',
    message: 'found “}”',
    remedy: 'Remove the comma',
  },
  {
    what: 'a missing comma',
    document: user('{"username": "b" "email": "c"}'),
    at: '3:18',
    path: 'users[1]',
    message: 'expected “,” or “}”, found text',
  },
  {
    what: 'a missing comma between records',
    document: '{"users": [{"username": "a"}\n{"username": "b"}]}',
    at: '2:1',
    path: 'users[0]',
    message: 'expected “,” or “]”, found “{”',
  },
  {
    what: 'a missing colon',
    document: user('{"username" "b"}'),
    at: '3:13',
    path: 'users[1]',
    message: 'expected “:”, found text',
  },
  {
    what: 'a wrong bracket',
    document: user('{"username": "b"]'),
    at: '3:17',
    path: 'users[1]',
    message: 'expected “,” or “}”, found “]”',
  },
  {
    what: 'a line comment',
    document: user('// the second\n{"username": "b"}'),
    at: '3:1',
    path: 'users[1]',
    message: 'found a comment',
    remedy: 'JSON has none',
  },
  {
    what: 'a comment with a quote in it',
    document: user('{"username": "b" /* don"t */}'),
    at: '3:18',
    path: 'users[1]',
    message: 'found a comment',
  },
  {
    what: 'a comment at the top',
    document: '// an export\n{}',
    at: '1:1',
    path: '',
    message: 'found a comment',
  },
  {
    what: 'NaN',
    document: user('{"username": "b", "age": NaN}'),
    at: '3:26',
    path: 'users[1].age',
    message: 'expected a value, found “NaN”',
  },
  {
    what: '-Infinity',
    document: user('{"username": "b", "age": -Infinity}'),
    at: '3:26',
    path: 'users[1].age',
    message: 'found “-Infinity”',
  },
  {
    what: 'Python’s words',
    document: user('{"username": "b", "enabled": True}'),
    at: '3:30',
    path: 'users[1].enabled',
    message: 'found “True”',
  },
  {
    what: 'undefined among the records',
    document: user('undefined'),
    at: '3:1',
    path: 'users[1]',
    message: 'found “undefined”',
  },
  {
    what: 'a number with a leading zero',
    document: user('{"username": "b", "age": 012}'),
    at: '3:26',
    path: 'users[1].age',
    message: 'expected a number as JSON writes it',
  },
  {
    what: 'a word that is none',
    document: user('{"username": "b", "enabled": tru}'),
    at: '3:30',
    path: 'users[1].enabled',
    message: 'found “t”',
  },
  {
    what: 'a raw line break in a text',
    document: user('{"username": "b\nc"}'),
    at: '3:16',
    path: 'users[1].username',
    message: 'found a line break',
  },
  {
    what: 'a raw control character',
    document: user('{"username": "b\u0001c"}'),
    at: '3:16',
    path: 'users[1].username',
    message: 'found a control character (code 1)',
  },
  {
    what: 'an unknown escape',
    document: user('{"username": "b\\xc"}'),
    at: '3:17',
    path: 'users[1].username',
    message: 'found “x”',
  },
  {
    what: 'an escape of three digits',
    document: user('{"username": "b\\u12g4"}'),
    at: '3:20',
    path: 'users[1].username',
    message: 'four hexadecimal digits',
  },
  {
    what: 'a missing closing quote',
    document: user('{"username": "b},\n{"username": "c"}'),
    at: '3:18',
    path: 'users[1].username',
    message: 'found a line break',
  },
  {
    what: 'something after the document',
    document: '{"users": []}\n{"users": []}',
    at: '2:1',
    path: '',
    message: 'expected nothing after the end of the document, found “{”',
  },
  {
    what: 'a number alone',
    document: '42',
    at: '1:1',
    path: '',
    message: 'expected an object or a list, found a number',
  },
  {
    what: 'a text alone',
    document: '"users"',
    at: '1:1',
    path: '',
    message: 'expected an object or a list, found text',
  },
  {
    what: 'a character of several bytes where none belongs',
    document: '{"users": [] 😀}',
    at: '1:14',
    path: 'users',
    message: 'found a character that is no part of JSON',
  },
  {
    what: 'a character of several bytes where a value belongs',
    document: user('😀'),
    at: '3:1',
    path: 'users[1]',
    message: 'found “😀”',
  },
  {
    what: 'members twice',
    document: user('{"username": "b", "email": "x", "email": "y"}'),
    at: '3:33',
    path: 'users[1].email',
    message: 'a second member of this name',
  },
  {
    what: 'members twice, one written with an escape',
    document: user('{"username": "b", "n": 1, "\\u006e": 1}'),
    at: '3:27',
    path: 'users[1].n',
    message: 'a second member of this name',
  },
  {
    what: 'members twice, deep',
    document: user('{"username": "b", "x": [{"y": {"z": 1, "z": 1}}]}'),
    at: '3:40',
    path: 'users[1].x[0].y.z',
    message: 'a second member of this name',
  },
  {
    what: '__proto__ twice',
    document: user('{"username": "b", "__proto__": 1, "__proto__": 1}'),
    at: '3:35',
    path: 'users[1].__proto__',
    message: 'a second member of this name',
  },
  {
    what: 'a section twice',
    document: '{"users": [],\n "users": []}',
    at: '2:2',
    path: 'users',
    message: 'a second member of this name',
  },
];

const TYPES: readonly Row[] = [
  {
    what: 'undefined for a section',
    document: '{"users": undefined}',
    at: '1:11',
    path: 'users',
    message: 'expected a value, found “undefined”',
  },
  {
    what: 'a number for text',
    document: user('{"username": "b", "email": 7}'),
    at: '3:28',
    path: 'users[1].email',
    message: 'expected text, found a number',
  },
  {
    what: 'a text for a truth value',
    document: user('{"username": "b", "enabled": "true"}'),
    at: '3:30',
    path: 'users[1].enabled',
    message: 'expected true or false, found text',
  },
  {
    what: 'an object for a set',
    document: user('{"username": "b", "roles": {}}'),
    at: '3:28',
    path: 'users[1].roles',
    message: 'expected a list of texts, found an object',
  },
  {
    what: 'a number in a set',
    document: user('{"username": "b", "roles": ["x", 3]}'),
    at: '3:34',
    path: 'users[1].roles[1]',
    message: 'expected text, found a number',
  },
  {
    what: 'no key',
    document: user('{"email": "b"}'),
    at: '3:1',
    path: 'users[1].username',
    message: 'expected text “username”, found none',
  },
  {
    what: 'an empty key',
    document: user('{"username": ""}'),
    at: '3:14',
    path: 'users[1].username',
    message: 'expected text that is not empty',
  },
  {
    what: 'null for a key',
    document: user('{"username": null}'),
    at: '3:14',
    path: 'users[1].username',
    message: 'expected text, found null',
  },
  {
    what: 'a number for a record',
    document: user('7'),
    at: '3:1',
    path: 'users[1]',
    message: 'expected an object, found a number',
  },
  {
    what: 'null for a record',
    document: user('null'),
    at: '3:1',
    path: 'users[1]',
    message: 'expected an object, found null',
  },
  {
    what: 'a list for a record',
    document: user('[]'),
    at: '3:1',
    path: 'users[1]',
    message: 'expected an object, found a list',
  },
  {
    what: 'an object for a section',
    document: '{"users":\n {"a": {}}}',
    at: '2:2',
    path: 'users',
    message: 'expected a list, found an object',
  },
  {
    what: 'a text for the realm',
    document: '{"realm": "r"}',
    at: '1:11',
    path: 'realm',
    message: 'expected an object, found text',
  },
  {
    what: 'a fraction for a whole number',
    document: '{"realm": {"id": "r",\n "accessTokenLifespan": 1.5}}',
    at: '2:25',
    path: 'realm.accessTokenLifespan',
    message: 'expected a whole number, found a number',
  },
  {
    what: 'a number beyond all bounds',
    document: '{"realm": {"id": "r",\n "tokenLifespanSeconds": 1e999}}',
    at: '2:26',
    path: 'realm.tokenLifespanSeconds',
    message: 'expected a whole number',
  },
  {
    what: 'a text for an object',
    document: '{"realm": {"id": "r",\n "smtpConfig": "h"}}',
    at: '2:16',
    path: 'realm.smtpConfig',
    message: 'expected an object, found text',
  },
  {
    what: 'a realm without a name',
    document: '{"realm": {}}',
    at: '1:11',
    path: 'realm.id',
    message: 'expected the realm’s name',
  },
  {
    what: 'a wrong type in a realm as the Realms API gives it',
    document: '{"name": "r",\n "displayName": 3}',
    at: '2:17',
    path: 'displayName',
    message: 'expected text, found a number',
  },
  {
    what: 'our own name for other members',
    document: '{"realm": {"id": "r",\n "otherSections": {}}}',
    at: '2:19',
    path: 'realm.otherSections',
    message: 'expected no member of this name',
  },
  {
    what: 'NUL in a text',
    document: user('{"username": "b", "email": "x\\u0000"}'),
    at: '3:28',
    path: 'users[1].email',
    message: 'NUL',
  },
  {
    what: 'NUL in a name',
    document: user('{"username": "b", "x\\u0000": 1}'),
    at: '3:19',
    path: 'users[1]',
    message: 'NUL',
  },
  {
    what: 'half of a surrogate pair',
    document: user('{"username": "b\\ud83d"}'),
    at: '3:14',
    path: 'users[1].username',
    message: 'half of a surrogate pair',
  },
  {
    what: 'surrogates the wrong way round',
    document: user('{"username": "\\ude00\\ud83d"}'),
    at: '3:14',
    path: 'users[1].username',
    message: 'half of a surrogate pair',
  },
];

const FOREIGN: readonly Row[] = [
  { what: 'nothing', document: '', at: '1:1', path: '', message: 'found the end of the document' },
  {
    what: 'white space only',
    document: ' \n ',
    at: '2:2',
    path: '',
    message: 'expected an object or a list, found the end of the document',
  },
  {
    what: 'a byte order mark',
    document: '\ufeff{"users": []}',
    at: '1:1',
    path: '',
    message: 'byte order mark',
    remedy: 'tail -c +4',
  },
  {
    what: 'UTF-16 LE with BOM',
    document: Buffer.from('\ufeff{"users": []}', 'utf16le'),
    at: '1:1',
    path: '',
    message: 'UTF-16LE',
    remedy: 'iconv -f UTF-16LE',
  },
  {
    what: 'UTF-16 LE without',
    document: Buffer.from('{"users": []}', 'utf16le'),
    at: '1:1',
    path: '',
    message: 'UTF-16LE',
  },
  {
    what: 'UTF-16 BE with BOM',
    document: Buffer.from('\ufeff{"users": []}', 'utf16le').swap16(),
    at: '1:1',
    path: '',
    message: 'UTF-16BE',
  },
  {
    what: 'UTF-16 BE without',
    document: Buffer.from('{"users": []}', 'utf16le').swap16(),
    at: '1:1',
    path: '',
    message: 'UTF-16BE',
  },
  {
    what: 'a web page',
    document: '\n<!DOCTYPE html><html><head><title>Sign in\n to OpenGate</title>',
    at: '1:1',
    path: '',
    message: 'web page with the title “Sign in to OpenGate”',
  },
  {
    what: 'gzip',
    document: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]),
    at: '1:1',
    path: '',
    message: 'gzip',
    remedy: 'gunzip',
  },
  {
    what: 'a picture',
    document: Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.alloc(40, 7)]),
    at: '1:1',
    path: '',
    message: 'it is a picture (PNG)',
    remedy: 'Give the file that was exported',
  },
  {
    what: 'a catalog',
    document: Buffer.from('SQLite format 3\0....'),
    at: '1:1',
    path: '',
    message: 'a database (SQLite)',
    remedy: 'opened, not imported',
  },
  {
    what: 'noise',
    document: Buffer.from('7f0180fe9c12', 'hex'),
    at: '1:1',
    path: '',
    message: 'it is no text',
    remedy: 'Choose the file that was exported',
  },
  {
    what: 'a text of another kind',
    document: 'Привет',
    at: '1:1',
    path: '',
    message: 'expected an object or a list, found',
  },
  {
    what: 'a byte that is not UTF-8 between values',
    document: latin1(user('{"username": "b", é}')),
    at: '3:19',
    path: 'users[1]',
    message: 'found a byte that is not UTF-8 (E9)',
    remedy: 'Save it as UTF-8',
  },
  { what: 'ZIP', document: Buffer.from('PK\u0003\u0004....'), at: '1:1', path: '', message: 'ZIP' },
  {
    what: 'Latin-1 in a text',
    document: latin1(user('{"username": "b", "email": "é"}')),
    at: '3:29',
    path: 'users[1].email',
    message: 'expected UTF-8 text, found bytes that are not UTF-8',
  },
  {
    what: 'a surrogate encoded in UTF-8',
    document: Buffer.concat([
      Buffer.from('{"users": [{"username": "'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"}]}'),
    ]),
    at: '1:26',
    path: 'users[0].username',
    message: 'not UTF-8',
  },
  {
    what: 'bytes that are not UTF-8 in a name at the top',
    document: latin1('{"users": [], "é": 1}'),
    at: '1:16',
    path: '',
    message: 'not UTF-8',
  },
  {
    what: 'an error answer',
    document: '{"error": "not_found", "status": 404}',
    at: '1:1',
    path: '',
    message: 'this is no OpenGate export',
  },
  { what: 'an empty object', document: '{}', at: '1:1', path: '', message: 'but it is empty' },
];

const CUT_OFF: readonly Row[] = [
  { what: 'after the brace', document: '{', at: '1:2', path: '', message: 'found the end of the document' },
  { what: 'in a name', document: '{"use', at: '1:6', path: '', message: 'found the end of the document' },
  { what: 'after a name', document: '{"users"', at: '1:9', path: 'users', message: 'expected “:”' },
  { what: 'after a colon', document: '{"users":', at: '1:10', path: 'users', message: 'expected a value' },
  {
    what: 'in a list',
    document: '{"users": [',
    at: '1:12',
    path: 'users',
    message: 'expected a value or “]”',
  },
  {
    what: 'in a record',
    document: user('{"username": "b", "roles": ["x"').slice(0, -3),
    at: '3:32',
    path: 'users[1].roles',
    message: 'expected “,” or “]”, found the end of the document',
  },
  {
    what: 'in a text',
    document: '{"users": [{"username": "b',
    at: '1:27',
    path: 'users[0].username',
    message: 'expected the closing double quote of a text',
  },
  {
    what: 'in an escape',
    document: '{"users": [{"username": "b\\',
    at: '1:28',
    path: 'users[0].username',
    message: 'the end of the document',
  },
  {
    what: 'in a word',
    document: '{"users": [{"username": "b", "enabled": fal',
    at: '1:44',
    path: 'users[0].enabled',
    message: 'the end of the document',
  },
  {
    what: 'in a number of a list',
    document: '{"users": [12',
    at: '1:14',
    path: 'users[0]',
    message: 'the end of the document',
  },
  {
    what: 'after a record',
    document: '{"users": [{"username": "b"}',
    at: '1:29',
    path: 'users[0]',
    message: 'expected “,” or “]”',
  },
  {
    what: 'after a list',
    document: '{"users": []\n',
    at: '2:1',
    path: 'users',
    message: 'expected “,” or “}”',
  },
  {
    what: 'after a comma',
    document: '{"users": [],',
    at: '1:14',
    path: '',
    message: 'expected a member name',
  },
];

function characters(text: string): number {
  return Array.from(text).length;
}

async function check(row: Row, sizes: readonly number[]): Promise<void> {
  const bytes = Buffer.from(row.document as string);
  const error = await refusal(chunked(bytes, sizes), { name: 'export.json' });
  expect(error.code).toBe('INVALID_DOCUMENT');
  expect(error.message).toContain(row.message);
  const { line, column, offset, path } = error.details as Record<string, number>;
  expect(`${line}:${column} ${path}`).toBe(`${row.at} ${row.path}`);
  expect(error.message).toContain(
    `export.json, line ${line}, column ${column}${row.path && `, at ${row.path}`}`,
  );
  // The offset is the same place, counted in bytes.
  const before = bytes.subarray(0, offset).toString('utf8').split('\n');
  expect(`${before.length}:${characters(before.at(-1)!) + 1}`).toBe(row.at);
  expect(error.remedy).toContain(row.remedy ?? '');
  expect(error.remedy).not.toBe('');
}

describe.each([
  ['syntax', SYNTAX],
  ['types and texts', TYPES],
  ['what is something else', FOREIGN],
  ['what is cut off', CUT_OFF],
] as const)('%s', (_, rows) => {
  it.each(rows)('$what', async (row) => {
    await check(row, []);
  });

  it.each(rows)('$what, a byte at a time', async (row) => {
    await check(
      row,
      Array.from({ length: row.document.length }, () => 1),
    );
  });
});

describe('an error', () => {
  it('says so when the document was cut off, which is the transfer’s fault', async () => {
    for (const { document } of CUT_OFF) {
      const error = await refusal(document, { origin: 'server' });
      expect(error.details['cutOff']).toBe(true);
      expect(error.remedy).toContain('Try again');
    }
    for (const { document } of [...SYNTAX, ...TYPES])
      expect((await refusal(document)).details).not.toHaveProperty('cutOff');
  });

  it('counts columns in characters, across chunks and on a line that began long ago', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `{"username": "ü😀${i}"}`).join(',');
    const start = `{"users": [${names},`;
    const bytes = Buffer.from(`${start}{"username": 7}]}`);
    const error = await refusal(chunked(bytes, [10, 3, 7001, 11, 20_000]));
    expect(error.details).toMatchObject({
      line: 1,
      column: characters(start) + 14,
      offset: Buffer.byteLength(start) + 13,
      path: 'users[3000].username',
    });
  });

  it('never repeats data, which may be a secret', async () => {
    const canary = 'CANARY7f3a';
    for (const value of [
      canary,
      `"${canary}`,
      `"${canary}\\q"`,
      `["${canary}"]`,
      `{"x": "${canary}" 1}`,
      `'${canary}'`,
    ]) {
      const error = await refusal(`{"clients": [{"clientId": "a", "name": ${value}}]}`);
      expect(JSON.stringify([error.message, error.remedy, error.details])).not.toContain(canary);
    }
  });

  it('quotes and shortens names from the document', async () => {
    const error = await refusal(`{"users": [{"username": "b", "reply to": [{"${'x'.repeat(500)}": }]}]}`);
    expect(error.details['path']).toBe(`users[0]["reply to"][0]["${'x'.repeat(60)}…"]`);
  });
});
