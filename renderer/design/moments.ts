import { DATES, NUMBERS } from '../wording/system-locale.ts';

const moment = new Intl.DateTimeFormat(DATES, { dateStyle: 'medium', timeStyle: 'short' });
const toTheSecond = new Intl.DateTimeFormat(DATES, { dateStyle: 'medium', timeStyle: 'medium' });
const exact = new Intl.DateTimeFormat(DATES, { dateStyle: 'full', timeStyle: 'long' });
// Never “yesterday” or “last year”: what is 30 hours ago may be the day before.
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const whole = new Intl.NumberFormat(NUMBERS);
const short = new Intl.NumberFormat(NUMBERS, { maximumFractionDigits: 1 });

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

export const momentText = (at: string): string => moment.format(new Date(at));
export const exactMoment = (at: string): string => exact.format(new Date(at));
export const count = (number: number): string => whole.format(number);
/** With one digit behind the point. */
export const decimal = (number: number): string => short.format(number);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A value of a record as the instant that it is; undefined for any other text, and for a day that is in no calendar. */
export function instantText(value: string): string | undefined {
  if (!INSTANT.test(value)) return undefined;
  const at = new Date(value);
  const exists = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 19) === value.slice(0, 19);
  return exists ? toTheSecond.format(at) : undefined;
}

/** "3 hours ago", "in 2 days", "now". */
export function ago(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Math.abs(seconds) < 0.5) return 'now';
  // The largest unit of which it is at least one when it is rounded to the next smaller: never "60 minutes ago".
  const [unit, size] = STEPS.find(
    ([, size], nth) => Math.abs(seconds) >= size - (STEPS[nth + 1]?.[1] ?? 1) / 2,
  )!;
  return relative.format(Math.round(seconds / size), unit);
}

/** Of a time in seconds: "2 h 5 min", "40 s". */
export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3_600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${Math.floor(rounded / 3_600)} h ${Math.floor((rounded % 3_600) / 60)} min`;
}

export function bytes(number: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(number, 1)) / 3), 0), units.length - 1);
  return `${short.format(number / 1000 ** step)} ${units[step]}`;
}

/** "1 user", "1,203 users". */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
