import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareKeys } from '../model/key-order.ts';
import { findLine } from './find-line.ts';

const keyOf = (text: Buffer, start: number, end: number): string =>
  text.toString('utf8', start, end).split(' ')[0]!;

it('finds the line of each key, and of no other', () => {
  const key = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 4 })
    .filter((text) => !/[ \n]/.test(text));
  fc.assert(
    fc.property(fc.dictionary(key, fc.string({ maxLength: 20 }), { maxKeys: 30 }), key, (values, other) => {
      const keys = Object.keys(values).sort(compareKeys);
      const lines = keys.map((each) => `${each} ${values[each]!.replaceAll('\n', '')}\n`);
      const text = Buffer.from(lines.join(''));
      for (const [i, each] of keys.entries())
        expect(findLine(text, each, keyOf)).toBe(Buffer.byteLength(lines.slice(0, i).join('')));
      if (!keys.includes(other)) expect(findLine(text, other, keyOf)).toBe(-1);
    }),
  );
});
