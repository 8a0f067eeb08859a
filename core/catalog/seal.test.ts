import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeal } from './seal.ts';

const seal = createSeal(Buffer.alloc(32, 1));
const other = createSeal(Buffer.alloc(32, 2));
const place = Buffer.from('place');

describe('the seal', () => {
  test('gives back what was sealed, and never seals alike twice', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (bytes, aad) => {
        const plain = Buffer.from(bytes);
        const sealed = seal.seal(plain, Buffer.from(aad));
        expect(seal.open(sealed, Buffer.from(aad))).toEqual(plain);
        expect(seal.seal(plain, Buffer.from(aad))).not.toEqual(sealed);
      }),
    );
  });

  test('refuses what was altered anywhere, cut off, moved, or sealed by another key', () => {
    const sealed = seal.seal(Buffer.from('records'), place);
    const damaged = expect.objectContaining({ code: 'CATALOG_DAMAGED' });
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => seal.open(altered, place)).toThrow(damaged);
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => seal.open(sealed.subarray(0, length), place)).toThrow(damaged);
    expect(() => seal.open(sealed, Buffer.from('elsewhere'))).toThrow(damaged);
    expect(() => other.open(sealed, place)).toThrow(damaged);
  });

  test('names equal bytes alike, under this key only', () => {
    const bytes = Buffer.from('line');
    expect(seal.name(bytes)).toMatch(/^[0-9a-f]{64}$/);
    expect(seal.name(bytes)).toBe(createSeal(Buffer.alloc(32, 1)).name(bytes));
    expect(seal.name(bytes)).not.toBe(other.name(bytes));
    expect(seal.name(bytes)).not.toBe(seal.name(Buffer.from('line ')));
    expect(seal.boundarySeed).not.toBe(other.boundarySeed);
  });

  test('takes keys of 32 bytes only', () => {
    expect(() => createSeal(Buffer.alloc(31))).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
