import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../contract/errors.ts';
import { canonicalRecord } from '../model/canonical.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import { recordBody, unknownMembers } from '../model/testing/arbitraries.ts';
import { isListSection, OTHER_SECTIONS, REALM_ALIASES } from './document-layout.ts';
import { findDefect } from './json-diagnosis.ts';
import { chunked, readAll } from './testing/read-all.ts';

const LISTS = ['roles', 'groups', 'clients', 'policies', 'users', 'credentials', 'socialLinks'] as const;

/** Any document with a realm: sections in any order, members that nobody knows, any white space. */
const documents = fc.record({
  realm: recordBody('realm').filter(hasNoAliases),
  lists: fc.uniqueArray(
    fc
      .constantFrom(...LISTS)
      .chain((section) => fc.tuple(fc.constant(section), fc.array(recordBody(section), { maxLength: 4 }))),
    { selector: ([section]) => section },
  ),
  others: unknownMembers.map(withoutSections),
  realmLast: fc.boolean(),
  space: fc.constantFrom(undefined, 1, '\t'),
});

const splits = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });

function hasNoAliases(realm: JsonObject): boolean {
  return !Object.keys(realm).some((name) => REALM_ALIASES.has(name) || name === OTHER_SECTIONS);
}

function withoutSections(others: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(others).filter(([name]) => name !== 'realm' && !isListSection(name)),
  );
}

function textOf({
  realm,
  lists,
  others,
  realmLast,
  space,
}: typeof documents extends fc.Arbitrary<infer T> ? T : never) {
  const sections: [string, unknown][] = [...lists, ...Object.entries(others)];
  const entries = realmLast
    ? [...sections, ['realm', realm] as const]
    : [['realm', realm] as const, ...sections];
  return JSON.stringify(Object.fromEntries(entries), undefined, space);
}

describe('any document', () => {
  it('gives what JSON.parse of the whole gives, wherever the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(documents, splits, async (document, sizes) => {
        const { lines, facts } = await readAll(chunked(Buffer.from(textOf(document)), sizes));
        const line = (section: Section, body: JsonObject) => canonicalRecord(section, body).line.toString();
        for (const [section, bodies] of document.lists) {
          expect(lines[section] ?? []).toEqual(bodies.map((body) => line(section, body)));
          expect(facts.counts[section]).toBe(bodies.length);
        }
        const { id, ...realm } = document.realm;
        const expected: JsonObject = id === realm['name'] || id === undefined ? realm : { ...realm, id };
        const { others } = document;
        if (Object.keys(others).length > 0) expected[OTHER_SECTIONS] = others;
        expect(lines.realm).toEqual([line('realm', expected)]);
      }),
      { numRuns: 300 },
    );
  });

  it('with bytes changed is read or refused, never worse', async () => {
    const edits = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        remove: fc.nat(3),
        insert: fc.oneof(
          fc
            .constantFrom(
              '"',
              '\\',
              '{',
              '}',
              '[',
              ']',
              ',',
              ':',
              'e',
              '\u0000',
              '\n',
              'null',
              '\\u',
              '\ud800',
            )
            .map((s) => Buffer.from(s)),
          fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(documents, edits, splits, async (document, changes, sizes) => {
        let bytes: Buffer = Buffer.from(textOf(document));
        for (const { at, remove, insert } of changes) {
          const place = Math.floor(at * bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
        }
        const whole = await outcome(bytes, []);
        expect(await outcome(bytes, sizes)).toEqual(whole);
        if (whole.refused !== undefined) refused++;
        expect(whole.refused !== undefined || isJson(bytes)).toBe(true);
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});

async function outcome(bytes: Buffer, sizes: readonly number[]) {
  try {
    return { refused: undefined, ...(await readAll(chunked(bytes, sizes))) };
  } catch (error) {
    if (!isAppError(error) || !['INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE'].includes(error.code)) throw error;
    return { refused: error.message, details: error.details };
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}

describe('the diagnosis', () => {
  const json = fc.oneof(
    fc.json(),
    fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"a"',
          '"b"',
          '1',
          '-',
          '.5',
          'e3',
          'true',
          'null',
          ' ',
          '\\',
          '"',
        ),
      )
      .map((parts) => parts.join('')),
  );
  const storable = (text: string) => !/\\u(?:0000|d[89a-f])/i.test(text) && text.isWellFormed();

  it('finds a fault exactly where JSON.parse does not read the text, and none elsewhere', () => {
    fc.assert(
      fc.property(json.filter(storable), (text) => {
        const bytes = Buffer.from(text);
        const defect = findDefect(bytes, false);
        const syntaxFault = defect !== undefined && defect.found !== 'a second member of this name';
        expect(syntaxFault).toBe(!isJson(bytes));
        expect(defect?.offset ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('calls every beginning of a sound value cut off, or finds nothing wrong with it', () => {
    fc.assert(
      fc.property(fc.json(), fc.double({ min: 0, max: 1, noNaN: true }), (text, part) => {
        fc.pre(storable(text) && findDefect(Buffer.from(text), false) === undefined);
        const bytes = Buffer.from(text).subarray(0, Math.floor(part * Buffer.byteLength(text)));
        const defect = findDefect(bytes, true);
        expect(defect === undefined || (defect.cutOff === true && defect.offset === bytes.length)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
