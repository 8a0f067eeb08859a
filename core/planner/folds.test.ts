import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalRecord } from '../model/canonical.ts';
import type { JsonObject } from '../model/record.ts';
import { fingerprint, hash1, hash2 } from './fingerprint.ts';
import { visitFolds, type FoldOf } from './folds.ts';

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.constantFrom('Ann@X', 'K', 'İ', 'a"b', 'a\\b', 'ſ'),
);
const user: fc.Arbitrary<JsonObject> = fc
  .record({
    username: text.filter((name) => !name.includes('\0')),
    email: fc.option(fc.oneof(text, fc.constant('')), { nil: null }),
    firstName: text,
  })
  .map(({ email, ...rest }): JsonObject => (email === null ? rest : { ...rest, email }));

it.each(['email', 'name'] as const)('shows the %s of each line, in lower case', (of: FoldOf) => {
  fc.assert(
    fc.property(fc.array(user, { maxLength: 6 }), (users) => {
      const lines = users.map((body) => canonicalRecord('users', body).line.toString());
      const shown: unknown[] = [];
      const all = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      visitFolds(of, all, (start, end) => shown.push([all.toString('utf8', start, end), hash1, hash2]));
      const expected = users.flatMap((body, i) => {
        const value = body[of === 'email' ? 'email' : 'username'];
        if (typeof value !== 'string' || value === '') return [];
        fingerprint(value.toLowerCase());
        return [[lines[i], hash1, hash2]];
      });
      expect(shown).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
