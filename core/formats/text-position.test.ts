import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advance, TextPosition } from './text-position.ts';

it('counts characters, not bytes, wherever chunks end and however they lie in memory', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(text, text, fc.nat({ max: 7 }), (before, chunk, shift) => {
      const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(`é${chunk}`)]).subarray(shift);
      const head = Buffer.from(before.replaceAll('\n', ' '));
      const position = new TextPosition();
      position.enter(head);
      position.leave();
      position.enter(bytes);
      const end = Buffer.from('é').length + Buffer.from(chunk.replaceAll('\n', ' ')).length;
      const flat = Buffer.from(`${before}é${chunk}`.replaceAll('\n', ' '));
      expect(position.at(end)).toEqual(advance({ line: 1, column: 1, offset: 0 }, flat, flat.length));
    }),
  );
});
