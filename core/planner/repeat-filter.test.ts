import fc from 'fast-check';
import { expect, it } from 'vitest';
import { repeatFilter } from './repeat-filter.ts';

const MANY = 10_000_000;

it.each([
  ['fingerprints', 20],
  ['bits', MANY],
])('by %s, finds whatever comes twice', (_, expected) => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { maxLength: 10 }),
      fc.array(fc.string(), { maxLength: 10 }),
      (added, met) => {
        const filter = repeatFilter(expected);
        expect(filter.isEmpty).toBe(true);
        for (const text of added) filter.add(text);
        for (const text of met) filter.meet(text);
        expect(filter.isEmpty).toBe(added.length === 0);
        const count = (text: string): number => added.filter((other) => other === text).length;
        const repeated = [...added, ...met].filter(
          (text) => count(text) + Number(met.includes(text) && count(text) > 0) > 1,
        );
        for (const text of repeated) expect(filter.mayRepeat(text)).toBe(true);
        expect(filter.hasNone).toBe(repeated.length === 0);
      },
    ),
    { numRuns: expected === MANY ? 20 : 500 },
  );
});

it('takes hardly any text for repeated that is not, however alike they are', () => {
  const wrong = (expected: number): number => {
    const filter = repeatFilter(expected);
    const texts = Array.from({ length: 200_000 }, (_, i) => `user-${i}@mail.example.com`);
    for (const text of texts) filter.add(text);
    expect(filter.hasNone).toBe(expected < MANY);
    return texts.filter((text) => filter.mayRepeat(text)).length;
  };
  expect(wrong(200_000)).toBe(0);
  expect(wrong(MANY)).toBeLessThan(2_000);
});
