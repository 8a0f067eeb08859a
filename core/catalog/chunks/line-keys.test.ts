import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalRecord } from '../../model/canonical.ts';
import { MEMBERS } from '../../model/members.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { lineKeyOf } from './line-keys.ts';

const keyPart = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));

test.each(SECTIONS)('the key of any canonical line of %s is read from its bytes', (section: Section) => {
  const members = MEMBERS[section].filter((member) => member.key);
  const body = fc.record(Object.fromEntries(members.map((member) => [member.name, keyPart])));
  fc.assert(
    fc.property(body, fc.string(), (keys, more) => {
      const { key, line } = canonicalRecord(section, { zzz: more, ...keys });
      const around = Buffer.concat([Buffer.from('"},{"\n'), line, Buffer.from('\n{"username":"next"}')]);
      expect(lineKeyOf(section)(around, 6, 6 + line.length)).toBe(key);
    }),
  );
});

test('a line whose members stand in another order is read all the same', () => {
  const line = Buffer.from('{"email":"a@b.c","username":"ann"}');
  expect(lineKeyOf('users')(line, 0, line.length)).toBe('ann');
});
