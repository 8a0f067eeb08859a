import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isRawJson, parseExact } from './exact-json.ts';
import type { JsonObject } from './record.ts';
import { jsonValue } from './testing/arbitraries.ts';

const rewritten = (text: string) => JSON.stringify(parseExact(text));

describe('numbers', () => {
  it.each([
    ['12345678901234567890', '12345678901234567890'],
    ['-0.12345678901234567890123', '-0.12345678901234567890123'],
    ['-0.1234567890123456789000', '-0.1234567890123456789'],
    ['1.23456789012345678900e19', '12345678901234567890'],
    ['1e999', '1e999'],
    ['-10.0e998', '-1e999'],
    ['1e-400', '1e-400'],
    ['9007199254740993', '9007199254740993'],
    ['1e3', '1000'],
    ['1000.000000000000000000', '1000'],
    ['-0', '0'],
    ['0e5', '0'],
    ['0.1', '0.1'],
  ])('%s is kept as %s, and that as it is', (text, kept) => {
    expect(rewritten(text)).toBe(kept);
    expect(rewritten(kept)).toBe(kept);
    expect(rewritten(`{"a": [1, ${text}]}`)).toBe(`{"a":[1,${kept}]}`);
  });

  it('of many digits have one form, however they are written', () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,50}[1-9]$/);
    fc.assert(
      fc.property(
        digits,
        fc.integer({ min: -60, max: 60 }),
        fc.nat(20),
        fc.boolean(),
        (d, shift, zeros, minus) => {
          const sign = minus ? '-' : '';
          const scientific = rewritten(
            `${sign}${d[0]}.${d.slice(1)}${'0'.repeat(zeros)}e${shift + d.length - 1}`,
          );
          expect(scientific).toBe(rewritten(`${sign}${d}e${shift}`));
          expect(rewritten(scientific)).toBe(scientific);
        },
      ),
    );
  });

  it('that a double holds are numbers', () => {
    const value = parseExact('{"a":1000.000000000000000000,"b":12345678901234567890}') as JsonObject;
    expect(value['a']).toBe(1000);
    expect(isRawJson(value['b'] as object)).toBe(true);
  });

  it('are read in time that grows with their length only', () => {
    const zeros = '0'.repeat(200_000);
    const began = performance.now();
    expect(rewritten(`1${zeros}1`).length).toBeGreaterThan(200_000);
    expect(rewritten(`0.${zeros}1`)).toBe('1e-200001');
    expect(rewritten(`1e${'9'.repeat(200_000)}`).length).toBeGreaterThan(200_000);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

it('reads every other document as JSON.parse does', () => {
  fc.assert(
    fc.property(jsonValue, fc.constantFrom(undefined, 2), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      expect(rewritten(text)).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

it('does not take identifiers for numbers with exponents, which would cost a call for each value', () => {
  const parse = vi.spyOn(JSON, 'parse');
  parseExact('{"id":"550e8400-e29b-41d4-a716-446655440000","at":"2025-01-01T00:00:00.123456789Z"}');
  expect(parse.mock.calls[0]).toHaveLength(1);
  parseExact('{"n":1e3}');
  expect(parse.mock.calls[1]).toHaveLength(2);
  parse.mockRestore();
});

it.each(['', '{', '1 2', '{"a":1e}', '01', '[1e400'])('refuses %s', (text) => {
  expect(() => parseExact(text)).toThrow(SyntaxError);
});
