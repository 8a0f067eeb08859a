import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareKeys } from '../model/key-order.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { differingLines } from './differing-lines.ts';

/** A line's key is what stands before its first space. */
const keyOf = (text: Buffer, start: number, end: number): string =>
  text.toString('utf8', start, end).split(' ')[0]!;

const key = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map((n) => `k${n}`),
  fc.constantFrom('ä', '😀', '\ue000', 'k1!', 'k'.repeat(70)),
);
const rest = fc.oneof(
  fc.constantFrom('', 'a', 'b'),
  fc.integer({ min: 0, max: 2 }).map((n) => `${'x'.repeat(40 * n)}${n}${'y'.repeat(5_000)}`),
);
const lines = fc.dictionary(key, rest, { maxKeys: 25 }).map((values) =>
  Object.entries(values)
    .sort(([one], [other]) => compareKeys(one, other))
    .map(([name, value]) => `${name} ${value}`),
);
const text = (all: readonly string[]): Buffer => Buffer.from(all.map((each) => `${each}\n`).join(''));
const texts = (records: readonly CanonicalRecord[]): string[] => records.map(({ line }) => line.toString());

it('leaves exactly the lines that the other text does not have, with their keys', () => {
  fc.assert(
    fc.property(lines, lines, fc.boolean(), (one, two, related) => {
      const other = related
        ? [...one.filter((line) => !two.some((each) => isOfKey(each, line))), ...two]
        : two;
      other.sort((a, b) => compareKeys(a.split(' ')[0]!, b.split(' ')[0]!));
      const found = differingLines(text(one), text(other), keyOf);
      expect(texts(found.left)).toEqual(one.filter((line) => !other.includes(line)));
      expect(texts(found.right)).toEqual(other.filter((line) => !one.includes(line)));
      for (const record of [...found.left, ...found.right])
        expect(record.key).toBe(record.line.toString().split(' ')[0]);
    }),
  );
});

it('gives lines that stay when the texts are overwritten', () => {
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      const [left, right] = [text(one), text(other)];
      const found = differingLines(left, right, keyOf);
      const before = [...found.left, ...found.right].map(({ line }) => line.toString());
      left.fill(0);
      right.fill(0);
      expect([...found.left, ...found.right].map(({ line }) => line.toString())).toEqual(before);
    }),
  );
});

it('does not keep a whole text for the few lines of it that differ', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `k${String(i).padStart(4, '0')} ${'.'.repeat(100)}`);
  const changed = many.with(100, 'k0100 other').with(900, 'k0900 other');
  const [left, right] = [text(many), text(changed)];
  const found = differingLines(left, right, keyOf);
  expect(texts(found.right)).toEqual(['k0100 other', 'k0900 other']);
  for (const { line } of [...found.left, ...found.right])
    expect([left.buffer, right.buffer]).not.toContain(line.buffer);
});

function isOfKey(one: string, other: string): boolean {
  return one.split(' ')[0] === other.split(' ')[0];
}
