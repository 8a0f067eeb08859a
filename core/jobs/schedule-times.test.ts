import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_MISSED } from '../../contract/schedule.ts';
import { believable, dueTime, nextTime, timesBetween, timetableInWords } from './schedule-times.ts';

const BERLIN = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
const NOW = new Date('2027-01-01T00:00:00Z');

describe('a change of clocks', () => {
  it('a time that is skipped comes once, at the moment of the change', () => {
    const times = timesBetween(BERLIN, new Date('2027-03-27T00:00Z'), new Date('2027-03-30T00:00Z'), 9);
    expect(times.map((time) => time.toISOString())).toEqual([
      '2027-03-27T01:30:00.000Z',
      '2027-03-28T01:00:00.000Z',
      '2027-03-29T00:30:00.000Z',
    ]);
  });

  it('a time that comes twice counts once', () => {
    const times = timesBetween(BERLIN, new Date('2027-10-30T12:00Z'), new Date('2027-11-01T12:00Z'), 9);
    expect(times.map((time) => time.toISOString())).toEqual([
      '2027-10-31T00:30:00.000Z',
      '2027-11-01T01:30:00.000Z',
    ]);
  });

  const onDay = (cron: string, day: string, timeZone = 'Europe/Berlin') =>
    timesBetween(
      { cron, timeZone },
      new Date(`${day}T00:00Z`),
      new Date(Date.parse(`${day}T00:00Z`) + 86_400_000),
      99,
    ).map((time) => time.toISOString().slice(11, 16));

  it.each([
    ['*/30 2 * * *', ['00:00', '00:30']],
    ['0-59/30 2 * * *', ['00:00', '00:30']],
    ['0,30 1-3 * * *', ['00:00', '00:30', '02:00', '02:30']],
    ['0 2,14 * * *', ['00:00', '13:00']],
    ['0 */2 * * *', '00:00 03:00 05:00 07:00 09:00 11:00 13:00 15:00 17:00 19:00 21:00 23:00'.split(' ')],
    ['15 1-3/2 * * *', ['02:15']],
  ])('times that come twice count once each: %s', (cron, times) => {
    // The clocks of Berlin go back from 03:00 to 02:00 at 01:00Z.
    expect(onDay(cron, '2027-10-31')).toEqual(times);
  });

  it('nor do they count again for whoever first looks while they come for the second time', () => {
    const twice = { cron: '*/30 2 * * *', timeZone: 'Europe/Berlin' };
    expect(nextTime(twice, new Date('2027-10-31T01:10Z'))?.toISOString()).toBe('2027-11-01T01:00:00.000Z');
    const due = dueTime(twice, new Date('2027-10-31T00:30Z'), new Date('2027-10-31T02:00Z'));
    expect(due).toBeUndefined();
  });

  it.each([
    ['*/30 2 * * *', ['01:00']],
    ['0,30 1-3 * * *', ['00:00', '00:30', '01:00', '01:30', '23:00', '23:30']],
    ['0 2,14 * * *', ['01:00', '12:00']],
  ])('times that are skipped come at the change, all at once: %s', (cron, times) => {
    // From 02:00 to 03:00, at 01:00Z.
    expect(onDay(cron, '2027-03-28')).toEqual(times);
  });

  it.each([['*/30 * * * *'], ['0,30 * * * *'], ['*/30 0-23 * * *'], ['*/30 */1 * * *']])(
    'what is meant for every hour goes on by the clock of the world: %s',
    (cron) => {
      for (const day of ['2027-03-28', '2027-10-31']) expect(onDay(cron, day)).toHaveLength(48);
    },
  );

  it('clocks that are set by half an hour', () => {
    // Lord Howe, 02:00 back to 01:30 at 15:00Z.
    expect(onDay('*/15 1 * * *', '2027-04-03', 'Australia/Lord_Howe')).toEqual([
      '14:00',
      '14:15',
      '14:30',
      '14:45',
    ]);
  });
});

describe('what is due', () => {
  const daily = { cron: '0 2 * * *', timeZone: 'UTC' };

  it('nothing before its time; at its time, and only until it was handled', () => {
    const until = new Date('2027-01-01T02:00:00Z');
    expect(dueTime(daily, until, new Date('2027-01-02T01:59:59.999Z'))).toBeUndefined();
    const at = new Date('2027-01-02T02:00:00Z');
    expect(dueTime(daily, until, at)).toEqual({ at, missed: 0 });
    expect(dueTime(daily, at, new Date('2027-01-02T23:00:00Z'))).toBeUndefined();
  });

  it('whatever was missed is caught up with once', () => {
    const due = dueTime(daily, new Date('2027-01-01T02:00:00Z'), new Date('2027-01-09T12:00:00Z'));
    expect(due).toEqual({ at: new Date('2027-01-09T02:00:00Z'), missed: 7 });
  });

  it('of very many only so many are counted', () => {
    const minutely = { cron: '* * * * *', timeZone: 'UTC' };
    const now = new Date('2028-01-01T00:00:30Z');
    const due = dueTime(minutely, new Date('2027-01-01T00:00:00Z'), now)!;
    expect(due.at.toISOString()).toBe('2028-01-01T00:00:00.000Z');
    expect(due.missed).toBeGreaterThan(1000);
  });

  it('never twice: whenever one looks, a time is run at most once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(BERLIN, daily, { cron: '*/15 * * * *', timeZone: 'America/New_York' }),
        fc.array(fc.integer({ min: -1800_000, max: 40 * 3600_000 }), { maxLength: 30 }),
        (timetable, jumps) => {
          let now = new Date('2027-03-25T00:00:00Z');
          let until = now;
          const run: number[] = [];
          for (const jump of jumps) {
            now = new Date(now.getTime() + jump);
            until = believable(until, now);
            const due = dueTime(timetable, until, now);
            if (!due) continue;
            run.push(due.at.getTime());
            until = due.at;
          }
          expect(new Set(run).size).toBe(run.length);
        },
      ),
    );
  });

  it('a clock that was a year ahead does not stop a schedule', () => {
    const now = new Date('2027-01-01T00:00:00Z');
    expect(believable(new Date('2028-01-01T00:00:00Z'), now)).toEqual(now);
    const hourAhead = new Date('2027-01-01T01:00:00Z');
    expect(believable(hourAhead, now)).toEqual(hourAhead);
  });
});

describe('an expression in words', () => {
  it.each([
    ['0 2 * * *', 'At 02:00, every day'],
    ['30 4 * * 1-5', 'At 04:30, Monday through Friday'],
    ['@daily', 'At 00:00, every day'],
    ['0 2 13 * *', 'At 02:00, on day 13 of the month'],
    ['0 2 ? 3 5', 'At 02:00, only on Friday, only in March'],
    ['0 0 13 * 5', 'At 00:00, on day 13 of the month, or on Friday'],
    ['0 2 1,15 6 1-5', 'At 02:00, on day 1 and 15 of the month, or Monday through Friday, only in June'],
    [
      '*/5 * L * 5#2',
      'Every 5 minutes, every hour, on the last day of the month, or on the second Friday of the month',
    ],
  ])('%s', (cron, says) => {
    expect(timetableInWords({ cron, timeZone: 'UTC' }, NOW)).toBe(says);
    expect(nextTime({ cron, timeZone: 'UTC' }, NOW)).toBeInstanceOf(Date);
  });

  it.each([
    ['0 2 31 2 *', 'UTC', /never comes/],
    ['* * * * * *', 'UTC', /not a usable cron expression/],
    ['61 * * * *', 'UTC', /not a usable cron expression/],
    ['every night', 'UTC', /not a usable cron expression/],
    ['0 2 * * *', 'Mars/Olympus', /not a time zone/],
  ])('refuses %s in %s', (cron, timeZone, message) => {
    expect(() => timetableInWords({ cron, timeZone }, NOW)).toThrow(message);
  });
});

it('counts missed times up to a number, and one more says that there were more', () => {
  const every = { cron: '* * * * *', timeZone: 'UTC' };
  const from = new Date('2027-01-01T00:00:00.000Z');
  const after = (minutes: number) => new Date(from.getTime() + minutes * 60_000);
  expect(dueTime(every, from, after(MOST_MISSED + 1))?.missed).toBe(MOST_MISSED);
  expect(dueTime(every, from, after(MOST_MISSED + 5000))).toEqual({
    at: after(MOST_MISSED + 5000),
    missed: MOST_MISSED + 1,
  });
});

it('of more missed times than are counted the latest is the latest, also where it is long ago', () => {
  const weekdays = { cron: '*/5 * * * 1-5', timeZone: 'UTC' };
  // Ten weeks later, on a Sunday evening.
  const due = dueTime(weekdays, new Date('2027-01-04T00:00:00.000Z'), new Date('2027-03-14T20:00:00.000Z'));
  expect(due).toEqual({ at: new Date('2027-03-12T23:55:00.000Z'), missed: MOST_MISSED + 1 });
  const mondays = { cron: '* * * * 1', timeZone: 'UTC' };
  const late = dueTime(mondays, new Date('2026-12-01T00:00:00.000Z'), new Date('2027-03-14T20:00:00.000Z'));
  expect(late?.at).toEqual(new Date('2027-03-08T23:59:00.000Z'));
});
