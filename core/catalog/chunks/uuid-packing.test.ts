import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packUuids, unpackedBytes, unpackUuids, type PackedText } from './uuid-packing.ts';

const SOME = '550e8400-e29b-41d4-a716-446655440000';

function packed(text: string): PackedText {
  const parts = packUuids(Buffer.from(text));
  if (!parts) throw new Error('Nothing was packed.');
  return parts;
}

function unpacked(parts: PackedText): string | undefined {
  const plain = Buffer.alloc(Math.max(0, Math.floor(unpackedBytes(parts))));
  return unpackUuids(parts, plain) ? plain.toString() : undefined;
}

test('a UUID is taken out wherever it stands', () => {
  for (let before = 0; before < 60; before++) {
    const { text, values } = packed(`${'x'.repeat(before)}${SOME}`);
    expect(text.toString()).toBe(`${'x'.repeat(before)}\0`);
    expect(values.toString('hex')).toBe(SOME.replaceAll('-', ''));
  }
});

test.each([
  ['capital letters', SOME.toUpperCase()],
  ['a letter that is no digit', SOME.replace('a7', 'g7')],
  ['a dash that is missing', SOME.replace('-a', '0a')],
  ['an end that is missing', SOME.slice(0, -1)],
  ['a start that is missing', SOME.slice(1)],
  ['nothing', ''],
])('%s is no UUID', (_what, text) => {
  expect(packUuids(Buffer.from(text))).toBeUndefined();
});

test('of UUIDs that overlap one is taken, and the text comes back', () => {
  for (const text of [`${SOME}-e29b-41d4-a716-446655440000`, `01-02-${SOME}${SOME}-1-2`, `----${SOME}----`])
    expect(unpacked(packed(text))).toBe(text);
});

test('a text with a mark of its own is left alone', () => {
  expect(packUuids(Buffer.from(`\0${SOME}`))).toBeUndefined();
});

const piece = fc.oneof(
  fc.uuid(),
  fc.constantFrom('-', '--', 'a-', '"id":"', '\n', '2026-11-22T10:00:00.123456Z', SOME.slice(0, 20)),
  fc.string({ unit: 'binary' }),
);

test('what was packed comes back, and no UUID is left in the text', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const parts = packUuids(Buffer.from(text));
      if (!parts) return;
      expect(unpackedBytes(parts)).toBe(Buffer.byteLength(text));
      expect(unpacked(parts)).toBe(text);
      expect(packUuids(Buffer.from(parts.text.toString().replaceAll('\0', '|')))).toBeUndefined();
    }),
  );
});

test('values and marks that do not match are no text', () => {
  const { text, values } = packed(`${SOME} ${SOME}`);
  expect(unpacked({ text, values: values.subarray(16) })).toBeUndefined();
  expect(unpacked({ text, values: Buffer.concat([values, values]) })).toBeUndefined();
  expect(Number.isInteger(unpackedBytes({ text, values: values.subarray(1) }))).toBe(false);
});
