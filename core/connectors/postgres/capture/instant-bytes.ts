import { canonicalInstant } from '../../../model/instant.ts';
import { wordsOf, writeTwoDigits } from './byte-writing.ts';

const SECONDS_A_DAY = 86_400;
/** Days from year 0 (the first of March, as leap days come last then) to PostgreSQL's first instant, 2000-01-01. */
const DAYS_TO_2000 = 730_425;
const DAYS_IN_400_YEARS = 146_097;
const ZERO = 0x30;
const COLON = 0x3a;
const POINT = 0x2e;
const Z = 0x5a;

/**
 * Writes a `timestamptz` of PostgreSQL's binary form, microseconds since 2000 in 64 bits, as `canonicalInstant` has it:
 * the bytes between the quotes. What has no such form is written as PostgreSQL's JSON has it: "infinity", years beyond
 * 9999 and before Christ.
 *
 * @returns where the writing ended; at most 40 bytes were written
 */
export function writeInstant(source: DataView, at: number, out: DataView, to: number): number {
  const high = source.getInt32(at);
  const low = source.getUint32(at + 4);
  // Within 2^52 microseconds of 2000, in the years 1858 to 2142, a double holds each one.
  if (high < -0x10_0000 || high >= 0x10_0000) return writeText(farInstant(high, low), out, to);
  const micros = high * 0x1_0000_0000 + low;
  const seconds = Math.floor(micros / 1e6);
  const day = Math.floor(seconds / SECONDS_A_DAY);
  return writeClock(seconds - day * SECONDS_A_DAY, micros - seconds * 1e6, out, writeDate(day, out, to));
}

/** Dates written lately, by the day's lowest bits: a realm's users came within some thousand days. */
const REMEMBERED_DAYS = 4096;
const NO_DAY = 0x7fff_ffff;
const days = new Int32Array(REMEMBERED_DAYS).fill(NO_DAY);
/** "2025-", "01-1", "5T": as words, with what is written over. */
const dates = new Int32Array(REMEMBERED_DAYS * 3);
const DATE_BYTES = 11;

/** With the "T" behind; writes a byte more. */
function writeDate(day: number, out: DataView, to: number): number {
  const slot = day & (REMEMBERED_DAYS - 1);
  if (days[slot] !== day) {
    days[slot] = day;
    dates.set(wordsOf(dateText(day)).words, 3 * slot);
  }
  out.setInt32(to, dates[3 * slot]!);
  out.setInt32(to + 4, dates[3 * slot + 1]!);
  out.setInt32(to + 8, dates[3 * slot + 2]!);
  return to + DATE_BYTES;
}

function dateText(daysSince2000: number): string {
  const { year, month, day } = civil(daysSince2000);
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}T`;
}

/** The proleptic Gregorian calendar: "days_from_civil" of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms", inverted. */
function civil(daysSince2000: number): { year: number; month: number; day: number } {
  const sinceYear0 = daysSince2000 + DAYS_TO_2000;
  const era = Math.floor(sinceYear0 / DAYS_IN_400_YEARS);
  const dayOfEra = sinceYear0 - era * DAYS_IN_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}

/** "12:34:56.789Z", the fraction without zeros behind. */
function writeClock(secondOfDay: number, micros: number, out: DataView, to: number): number {
  to = writeTwoDigits((secondOfDay / 3600) | 0, out, to);
  out.setUint8(to++, COLON);
  to = writeTwoDigits(((secondOfDay / 60) | 0) % 60, out, to);
  out.setUint8(to++, COLON);
  to = writeTwoDigits(secondOfDay % 60, out, to);
  if (micros !== 0) {
    out.setUint8(to++, POINT);
    to = writeTwoDigits((micros / 10_000) | 0, out, to);
    to = writeTwoDigits(((micros / 100) | 0) % 100, out, to);
    to = writeTwoDigits(micros % 100, out, to);
    while (out.getUint8(to - 1) === ZERO) to--;
  }
  out.setUint8(to++, Z);
  return to;
}

function writeText(text: string, out: DataView, to: number): number {
  for (let i = 0; i < text.length; i++) out.setUint8(to + i, text.charCodeAt(i));
  return to + text.length;
}

function digits(number: number, width: number): string {
  return String(number).padStart(width, '0');
}

/** Exactly, and slowly. */
function farInstant(high: number, low: number): string {
  const micros = (BigInt(high) << 32n) | BigInt(low);
  if (micros === 0x7fff_ffff_ffff_ffffn) return 'infinity';
  if (micros === -0x8000_0000_0000_0000n) return '-infinity';
  const dayMicros = BigInt(SECONDS_A_DAY) * 1_000_000n;
  const rest = ((micros % dayMicros) + dayMicros) % dayMicros;
  const { year, month, day } = civil(Number((micros - rest) / dayMicros));
  const second = Number(rest / 1_000_000n);
  const fraction = digits(Number(rest % 1_000_000n), 6).replace(/0+$/, '');
  const date = `${digits(year > 0 ? year : 1 - year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const clock = `${digits(Math.floor(second / 3600), 2)}:${digits(Math.floor(second / 60) % 60, 2)}:${digits(second % 60, 2)}`;
  const text = `${date}T${clock}${fraction && `.${fraction}`}+00:00`;
  return year > 0 ? canonicalInstant(text) : `${text} BC`;
}
