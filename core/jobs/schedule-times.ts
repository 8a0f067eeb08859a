import { Cron } from 'croner';
import { AppError } from '../../contract/errors.ts';
import { isTimeZone } from '../../contract/retention.ts';
import { MOST_MISSED } from '../../contract/schedule.ts';
import { cronInWords } from './cron-words.ts';

/** When a schedule is to run: an expression, and the clock it means. */
export interface Timetable {
  readonly cron: string;
  readonly timeZone: string;
}

/**
 * More than any schedule misses in a year, but for one that runs every few minutes: of these it is only said “more than”. The
 * latest, and those before it.
 */
const MOST_COUNTED = MOST_MISSED + 2;
const DAY = 86_400_000;
const HOURS = 24;
const MINUTES = 60;

/**
 * The expression in words ("At 02:00, every day").
 *
 * @throws AppError USAGE when the expression is none, never comes true, or the time zone is not known
 */
export function timetableInWords({ cron, timeZone }: Timetable, now: Date): string {
  if (!isTimeZone(timeZone))
    throw new AppError('USAGE', `“${timeZone}” is not a time zone that is known here.`, {
      notChanged: 'No schedule was added or changed.',
      remedy: 'Give an IANA name such as Europe/Berlin or UTC.',
      details: { setting: 'timeZone' },
    });
  let says: string;
  try {
    says = cronInWords(cron);
    if (nextTime({ cron, timeZone }, now) !== undefined) return says;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unusable(cron, why.replace(/^CronPattern: /, '').replace(/^Error: /, ''), error);
  }
  throw unusable(cron, `“${says}” never comes`);
}

function unusable(cron: string, why: string, cause?: unknown): AppError {
  return new AppError('USAGE', `“${cron}” is not a usable cron expression: ${why.replace(/\.$/, '')}.`, {
    notChanged: 'No schedule was added or changed.',
    remedy:
      'Give five fields: minute, hour, day of the month, month, day of the week. "0 2 * * *" is every night at two, "30 4 * * 1-5" half past four from Monday to Friday.',
    details: { setting: 'cron' },
    cause,
  });
}

/**
 * The first time after an instant. A time that a change of clocks skips comes at the moment of the change; one that comes
 * twice counts once. But an expression of every hour goes on by the clock of the world: each half hour stays half an hour.
 */
export function nextTime(timetable: Timetable, after: Date): Date | undefined {
  return patternOf(timetable).nextRun(after) ?? undefined;
}

/** The first so many times after an instant; fewer where there are no more. */
export function nextTimes(timetable: Timetable, after: Date, count: number): Date[] {
  return patternOf(timetable).nextRuns(count, after);
}

/** Those from one instant to before another, at most so many. */
export function timesBetween(timetable: Timetable, from: Date, to: Date, limit: number): Date[] {
  const pattern = patternOf(timetable);
  const times: Date[] = [];
  // The pattern tells what comes after an instant: `from` itself may be one.
  let next = pattern.nextRun(new Date(from.getTime() - 1));
  while (next && next < to && times.length < limit) {
    if (next >= from) times.push(next);
    next = pattern.nextRun(next);
  }
  return times;
}

export interface Due {
  /** The latest time that has come. */
  readonly at: Date;
  /** How many earlier ones have passed besides; beyond `MOST_MISSED` one more. */
  readonly missed: number;
}

/**
 * What is to be run now: nothing, or the latest time that has come since `handledUntil`; those before it are caught up
 * with by the same run.
 */
export function dueTime(timetable: Timetable, handledUntil: Date, now: Date): Due | undefined {
  const pattern = patternOf(timetable);
  let latest: Date | undefined;
  let count = 0;
  let next = pattern.nextRun(handledUntil);
  while (next && next <= now) {
    latest = next;
    count += 1;
    if (count === MOST_COUNTED) {
      latest = latestUpTo(pattern, next, now);
      break;
    }
    next = pattern.nextRun(next);
  }
  return latest && { at: latest, missed: count - 1 };
}

/** The last time up to now, beginning with one that is known: looked for from now backwards, in twice as long a time each. */
function latestUpTo(pattern: Cron, known: Date, now: Date): Date {
  for (let back = DAY; ; back *= 2) {
    const from = new Date(Math.max(known.getTime(), now.getTime() - back));
    let latest: Date | undefined;
    for (let next = pattern.nextRun(from); next && next <= now; next = pattern.nextRun(next)) latest = next;
    if (latest) return latest;
    if (from <= known) return known;
  }
}

/**
 * Where the clock was set back, what was run by the later clock is not run again; but a clock that was wrong by more than
 * a day must not keep a schedule from ever running again.
 */
export function believable(handledUntil: Date, now: Date): Date {
  return handledUntil.getTime() - now.getTime() > DAY ? now : handledUntil;
}

function patternOf({ cron, timeZone }: Timetable): Cron {
  const options = { timezone: timeZone, paused: true, mode: '5-part' } as const;
  const asWritten = new Cron(cron, options);
  const [minute = '', hour = '', ...days] = (asWritten.getPattern() ?? cron).trim().split(/\s+/);
  const hours = valuesOf(hour, HOURS);
  if (hours.length === HOURS) return asWritten;
  // Croner goes by the clock on the wall only where minutes and hours are named one by one: a step, however few times it
  // stands for, it takes for an interval.
  const named = [valuesOf(minute, MINUTES).join(','), hours.join(','), ...days].join(' ');
  return new Cron(named, { ...options, fixedTimeRule: 'no-wildcard' });
}

/** What a field of minutes or hours stands for, each value once; of a field that Croner has found to be right. */
function valuesOf(field: string, count: number): number[] {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [first, last = first] = /^[*?]$/.test(range) ? [0, count - 1] : range.split('-').map(Number);
    for (let value = first!; value <= last!; value += Number(step)) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}
