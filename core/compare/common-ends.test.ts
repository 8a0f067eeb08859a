import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutCommonEnds } from './common-ends.ts';

const line = fc.oneof(fc.constantFrom('a', 'b', 'ab', ''), fc.constant('x'.repeat(5_000)));
const lines = fc.array(line, { maxLength: 6 });
const text = (all: readonly string[]): Buffer => Buffer.from(all.map((each) => `${each}\n`).join(''));

it('leaves whole lines, and cuts the same off both', () => {
  fc.assert(
    fc.property(lines, lines, lines, lines, (head, a, b, tail) => {
      const left = text([...head, ...a, ...tail]);
      const right = text([...head, ...b, ...tail]);
      const middles = withoutCommonEnds(left, right);
      const from = middles.left.byteOffset - left.byteOffset;
      const cut = left.length - from - middles.left.length;
      expect(from).toBe(middles.right.byteOffset - right.byteOffset);
      expect(cut).toBe(right.length - from - middles.right.length);
      expect(left.subarray(0, from)).toEqual(right.subarray(0, from));
      expect(left.subarray(left.length - cut)).toEqual(right.subarray(right.length - cut));
      for (const part of [
        left.subarray(0, from),
        middles.left,
        middles.right,
        left.subarray(left.length - cut),
      ])
        expect(part.length === 0 || part.at(-1) === 0x0a).toBe(true);
    }),
  );
});

it('leaves little where little differs', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `line ${i} ${'.'.repeat(100)}`);
  const changed = many.with(500, 'other');
  const middles = withoutCommonEnds(text(many), text(changed));
  expect(middles.right.toString().split('\n')).toContain('other');
  expect(middles.left.length + middles.right.length).toBeLessThan(600);
  expect(withoutCommonEnds(text(many), text(many)).left).toHaveLength(0);
});
