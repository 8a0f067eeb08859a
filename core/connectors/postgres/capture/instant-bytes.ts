import { canonicalInstant } from '../../../model/instant.ts';

const SECONDS_A_DAY = 86_400;
/** Days from year 0 (the first of March, as leap days come last then) to PostgreSQL's first instant, 2000-01-01. */
const DAYS_TO_2000 = 730_425;
const DAYS_IN_400_YEARS = 146_097;
const ZERO = 0x30;
const HYPHEN = 0x2d;

/**
 * Writes a `timestamptz` of PostgreSQL's binary form, microseconds since 2000 in 64 bits, as `canonicalInstant` has it:
 * the bytes between the quotes. What has no such form is written as PostgreSQL's JSON has it: "infinity", years beyond
 * 9999 and before Christ.
 *
 * @returns where the writing ended; at most 40 bytes were written
 */
export function writeInstant(source: Uint8Array, at: number, out: Uint8Array, to: number): number {
  const high = (source[at]! << 24) | (source[at + 1]! << 16) | (source[at + 2]! << 8) | source[at + 3]!;
  const low =
    ((source[at + 4]! << 24) | (source[at + 5]! << 16) | (source[at + 6]! << 8) | source[at + 7]!) >>> 0;
  // Within 2^52 microseconds of 2000, in the years 1858 to 2142, a double holds each one.
  if (high < -0x10_0000 || high >= 0x10_0000) return writeText(farInstant(high, low), out, to);
  const micros = high * 0x1_0000_0000 + low;
  const seconds = Math.floor(micros / 1e6);
  const day = Math.floor(seconds / SECONDS_A_DAY);
  return writeClock(seconds - day * SECONDS_A_DAY, micros - seconds * 1e6, out, writeDate(day, out, to));
}

/** Dates written lately, by the day's lowest bits: a realm's users came within some thousand days. */
const REMEMBERED_DAYS = 4096;
const DATE_BYTES = 10;
const NO_DAY = 0x7fff_ffff;
const days = new Int32Array(REMEMBERED_DAYS).fill(NO_DAY);
const dates = new Uint8Array(REMEMBERED_DAYS * DATE_BYTES);

function writeDate(daysSince2000: number, out: Uint8Array, to: number): number {
  const slot = daysSince2000 & (REMEMBERED_DAYS - 1);
  const from = slot * DATE_BYTES;
  if (days[slot] !== daysSince2000) {
    days[slot] = daysSince2000;
    remember(daysSince2000, from);
  }
  for (let i = 0; i < DATE_BYTES; i++) out[to + i] = dates[from + i]!;
  return to + DATE_BYTES;
}

function remember(daysSince2000: number, at: number): void {
  const { year, month, day } = civil(daysSince2000);
  at = writeTwo(Math.floor(year / 100), dates, at);
  at = writeTwo(year % 100, dates, at);
  dates[at++] = HYPHEN;
  at = writeTwo(month, dates, at);
  dates[at++] = HYPHEN;
  writeTwo(day, dates, at);
}

/** The proleptic Gregorian calendar: "days_from_civil" of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms", inverted. */
function civil(daysSince2000: number): { year: number; month: number; day: number } {
  const days = daysSince2000 + DAYS_TO_2000;
  const era = Math.floor(days / DAYS_IN_400_YEARS);
  const dayOfEra = days - era * DAYS_IN_400_YEARS;
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

/** "T12:34:56.789Z", the fraction without zeros behind. */
function writeClock(secondOfDay: number, micros: number, out: Uint8Array, to: number): number {
  out[to++] = 0x54;
  to = writeTwo((secondOfDay / 3600) | 0, out, to);
  out[to++] = 0x3a;
  to = writeTwo(((secondOfDay / 60) | 0) % 60, out, to);
  out[to++] = 0x3a;
  to = writeTwo(secondOfDay % 60, out, to);
  if (micros !== 0) {
    out[to++] = 0x2e;
    to = writeTwo((micros / 10_000) | 0, out, to);
    to = writeTwo(((micros / 100) | 0) % 100, out, to);
    to = writeTwo(micros % 100, out, to);
    while (out[to - 1] === ZERO) to--;
  }
  out[to++] = 0x5a;
  return to;
}

function writeTwo(number: number, out: Uint8Array, to: number): number {
  const tens = (number / 10) | 0;
  out[to] = ZERO + tens;
  out[to + 1] = ZERO + number - 10 * tens;
  return to + 2;
}

function writeText(text: string, out: Uint8Array, to: number): number {
  for (let i = 0; i < text.length; i++) out[to + i] = text.charCodeAt(i);
  return to + text.length;
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
  const digits = (number: number, width: number): string => String(number).padStart(width, '0');
  const fraction = digits(Number(rest % 1_000_000n), 6).replace(/0+$/, '');
  const date = `${digits(year > 0 ? year : 1 - year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const clock = `${digits(Math.floor(second / 3600), 2)}:${digits(Math.floor(second / 60) % 60, 2)}:${digits(second % 60, 2)}`;
  const text = `${date}T${clock}${fraction && `.${fraction}`}+00:00`;
  return year > 0 ? canonicalInstant(text) : `${text} BC`;
}
