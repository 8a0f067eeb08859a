import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareKeys } from './key-order.ts';

const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('a', '\u0000', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10000}', '\u{10ffff}'))
    .map((c) => c.join('')),
);

it('orders keys as their UTF-8 bytes are ordered', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000 },
  );
});

it('orders keys with a common beginning too', () => {
  fc.assert(
    fc.property(key, key, key, (start, a, b) => {
      const [x, y] = [start + a, start + b];
      expect(Math.sign(compareKeys(x, y))).toBe(Buffer.compare(Buffer.from(x), Buffer.from(y)));
    }),
  );
});
