import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalInstant } from './instant.ts';

describe('an instant', () => {
  it.each([
    ['2025-01-01T00:00:56Z', '2025-01-01T00:00:56Z'],
    ['2025-01-01T00:00:56.780Z', '2025-01-01T00:00:56.78Z'],
    ['2025-01-01T00:00:56.789123456Z', '2025-01-01T00:00:56.789123Z'],
    ['2025-01-01T00:00:56.000000Z', '2025-01-01T00:00:56Z'],
    ['2025-01-01T00:00:56,5Z', '2025-01-01T00:00:56.5Z'],
    ['2025-01-01T00:30:00+01:00', '2024-12-31T23:30:00Z'],
    ['2025-01-01T00:30:00-0330', '2025-01-01T04:00:00Z'],
    ['2025-01-01T00:30:00.25+05', '2024-12-31T19:30:00.25Z'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalInstant(text)).toBe(canonical);
  });

  it.each([
    'yesterday',
    '2025-01-01',
    '2025-01-01 00:00:00',
    '2025-13-01T00:00:00+01:00',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '',
  ])('%s is kept as it is', (text) => {
    expect(canonicalInstant(text)).toBe(text);
  });

  it('has one form in every zone, and is its own', () => {
    const date = fc.date({ min: new Date('0001-01-02'), max: new Date('9998-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (utc, minutes) => {
        const local = new Date(utc.getTime() + minutes * 60_000).toISOString().slice(0, 23);
        const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0');
        const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
        const there = canonicalInstant(`${local}${minutes < 0 ? '-' : '+'}${hours}:${rest}`);
        expect(there).toBe(canonicalInstant(utc.toISOString()));
        expect(Date.parse(there)).toBe(utc.getTime());
        expect(canonicalInstant(there)).toBe(there);
      }),
    );
  });
});
