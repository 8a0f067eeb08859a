import { describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import { readDocument, type DocumentOptions } from './document-reader.ts';

const MEBIBYTE = 1024 ** 2;
const SMALL = { limits: { recordBytes: 10_000, otherBytes: 20_000, depth: 8 } };

/** A document that is made while it is read, and knows how much of it was asked for. */
class LazyDocument {
  readonly #begin: string;
  readonly #fill: Buffer;
  readonly #bytes: number;
  readonly #end: string;
  pulled = 0;

  constructor(begin: string, fill: string, bytes: number, end: string) {
    this.#begin = begin;
    this.#fill = Buffer.from(fill.repeat(Math.ceil((64 * 1024) / fill.length)));
    this.#bytes = bytes;
    this.#end = end;
  }

  async *stream(): AsyncGenerator<Buffer> {
    yield Buffer.from(this.#begin);
    while (this.pulled < this.#bytes) {
      this.pulled += this.#fill.length;
      yield this.#fill;
    }
    yield Buffer.from(this.#end);
  }
}

/** Reads to the end and keeps nothing. @returns the number of records, or the error */
async function read(document: LazyDocument, options: Partial<DocumentOptions> = {}) {
  const reading = readDocument(document.stream(), { origin: 'file', ...options });
  let records = 0;
  try {
    for await (const batch of reading.batches) records += batch.records.length;
    return { records, facts: reading.facts() };
  } catch (error) {
    if (isAppError(error)) return { records, error };
    throw error;
  }
}

describe('a document of hundreds of megabytes is refused early when it is', () => {
  const SIZE = 300 * MEBIBYTE;
  it.each([
    [
      'one user',
      '{"users":[{"username":"a","email":"',
      'x',
      '"}]}',
      'users[0]',
      'one record is larger than 4 MiB',
    ],
    [
      'one user of many members',
      '{"users":[{"username":"a","n":[0',
      ',1',
      ']}]}',
      'users[0]',
      'one record is larger than 4 MiB',
    ],
    ['one realm', '{"realm":{"id":"a","x":"', 'x', '"}}', 'realm', 'the realm is larger than 4 MiB'],
    ['one name', '{"', 'x', '":1}', '', 'the name of a member is longer than 64 KiB'],
    ['one number', '{"users":[', '1', ']}', 'users[0]', 'one record is larger than 4 MiB'],
    ['one other member', '{"other":[0', ',"a longer text"', ']}', 'other', 'is larger than 16 MiB'],
    [
      'one text, never closed',
      '{"users":[{"username":"a","x":"',
      'x',
      '',
      'users[0]',
      'one record is larger than 4 MiB',
    ],
  ])('%s', async (_, begin, fill, end, path, message) => {
    const document = new LazyDocument(begin, fill, SIZE, end);
    const before = process.memoryUsage().rss;
    const { error } = await read(document);
    expect(error).toMatchObject({ code: 'DOCUMENT_TOO_LARGE', details: { path, line: 1 } });
    expect(error?.message).toContain(message);
    expect(document.pulled).toBeLessThan(17 * MEBIBYTE);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MEBIBYTE);
  });

  it('one record whose quote or bracket is missing, and that is what is told', async () => {
    const unclosed = new LazyDocument('{"users":[{"username":"a},', '\n{"username":"b"},', SIZE, ']}');
    expect((await read(unclosed)).error).toMatchObject({
      code: 'INVALID_DOCUMENT',
      details: { path: 'users[0].username', line: 1, column: 27 },
    });
    const open = new LazyDocument('{"users":[{"username":"a","x":[},', '{"username":"b"},', SIZE, ']}');
    expect((await read(open)).error).toMatchObject({
      code: 'INVALID_DOCUMENT',
      details: { path: 'users[0].x[0]', line: 1, column: 32 },
    });
    expect(unclosed.pulled + open.pulled).toBeLessThan(10 * MEBIBYTE);
  });

  it.each([
    ['lists', '[', '['],
    ['objects', '{"users":', '[{"username":'],
    ['lists in a member', '{"x":', '['],
    ['lists in a record', '{"users":[{"username":"a","x":', '['],
  ])('a million nested %s', async (_, begin, fill) => {
    const document = new LazyDocument(begin, fill, 1_000_000 * fill.length, '');
    const { error } = await read(document);
    expect(error).toMatchObject({ code: 'DOCUMENT_TOO_LARGE', details: { limit: 64 } });
    expect(error?.message).toContain('nested more than 64 levels');
    expect(document.pulled).toBeLessThanOrEqual(64 * 1024 + 16);
  });
});

describe('a document is read in flat memory when it is', () => {
  it('two hundred thousand users', async () => {
    const document = new LazyDocument(
      '{"users":[',
      '{"username":"a","email":"someone@example.com","roles":["x","y"]},',
      13_000_000,
      '{"username":"z"}]}',
    );
    await read(document);
    const before = process.memoryUsage().rss;
    const again = new LazyDocument(
      '{"users":[',
      '{"username":"a","email":"someone@example.com","roles":["x","y"]},',
      13_000_000,
      '{"username":"z"}]}',
    );
    const { records } = await read(again);
    expect(records).toBeGreaterThan(200_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * MEBIBYTE);
  });

  it('white space for the most part', async () => {
    const document = new LazyDocument('{"users":[', ' \n\t', 20 * MEBIBYTE, ']}');
    expect((await read(document)).facts).toMatchObject({ kind: 'users', bytes: document.pulled + 12 });
  });
});

describe('a limit', () => {
  const reading = (text: string) => read(new LazyDocument(text, ' ', 0, ''), SMALL);

  it('of a record holds to the byte, in one chunk and in many', async () => {
    const record = (bytes: number) => `{"username":"${'x'.repeat(bytes - 15)}"}`;
    expect((await reading(`{"users":[${record(10_000)}]}`)).records).toBe(1);
    expect((await reading(`{"users":[${record(10_001)}]}`)).error).toMatchObject({
      code: 'DOCUMENT_TOO_LARGE',
      details: { limit: 10_000, path: 'users[0]', offset: 10 },
    });
  });

  it('of other members counts them together, and their names', async () => {
    const others = (count: number) =>
      Array.from({ length: count }, (_, i) => `"name-${i}-${'x'.repeat(90)}":"${'y'.repeat(100)}"`).join(',');
    expect((await reading(`{"users":[],${others(90)}}`)).facts?.kind).toBe('users');
    expect((await reading(`{"users":[],${others(110)}}`)).error).toMatchObject({
      code: 'DOCUMENT_TOO_LARGE',
    });
  });

  it('of nesting counts from the document’s root', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect((await reading(`{"users":[{"username":"a","x":${nested(5)}}]}`)).records).toBe(1);
    expect((await reading(`{"users":[{"username":"a","x":${nested(6)}}]}`)).error?.code).toBe(
      'DOCUMENT_TOO_LARGE',
    );
    expect((await reading(`{"users":[],"x":${nested(7)}}`)).facts?.kind).toBe('users');
    expect((await reading(`{"users":[],"x":${nested(8)}}`)).error?.code).toBe('DOCUMENT_TOO_LARGE');
    expect((await reading(`[{"username":"a","x":${nested(6)}}]`)).records).toBe(1);
    expect((await reading(`[{"username":"a","x":${nested(7)}}]`)).error?.code).toBe('DOCUMENT_TOO_LARGE');
  });
});
