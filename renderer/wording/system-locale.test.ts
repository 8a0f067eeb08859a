import { expect, test } from 'vitest';
import { datesOf, known, numbersOf } from './system-locale.ts';

const AT = new Date('2026-11-30T17:05:00Z');

test.each([
  ['en-US', 'Nov 30, 2026, 5:05 PM', '1,234,567.8'],
  ['en-GB', '30 Nov 2026, 17:05', '1,234,567.8'],
  ['en-IN', '30 Nov 2026, 5:05 pm', '12,34,567.8'],
  ['de-DE', '30 Nov 2026, 17:05', '1.234.567,8'],
  ['de', '30 Nov 2026, 17:05', '1.234.567,8'],
  ['de-CH', '30 Nov 2026, 17:05', '1’234’567.8'],
  ['da-DK', '30 Nov 2026, 17.05', '1.234.567,8'],
  ['ja', 'Nov 30, 2026, 17:05', '1,234,567.8'],
  // Of these there is no English.
  ['pt-BR', '30 Nov 2026, 17:05', '1.234.567,8'],
  ['ar-EG', '30 Nov 2026, 17:05', '1,234,567.8'],
  // No English at all, though its name begins like it.
  ['enm', '30 Nov 2026, 17:05', '1,234,567.8'],
])('a system that is set to %s is told dates as %s and numbers as %s', (system, date, number) => {
  const dates = new Intl.DateTimeFormat(datesOf(system), {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ').replace(/'/g, '’');
  expect(plain(dates.format(AT))).toBe(date);
  expect(plain(new Intl.NumberFormat(numbersOf(system)).format(1_234_567.8))).toBe(number);
});

test.each([
  ['de_DE', undefined],
  ['en-US@posix', undefined],
  ['C', undefined],
  ['', undefined],
  ['de-de', 'de-DE'],
])('of a system that says %s, %s is believed', (said, locale) => {
  expect(known(said)).toBe(locale);
});
