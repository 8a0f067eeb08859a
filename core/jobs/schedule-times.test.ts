import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { believable, dueTime, nextTime, timesBetween, timetableInWords } from './schedule-times.ts';

const BERLIN = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
const NOW = new Date('2027-01-01T00:00:00Z');

describe('a change of clocks', () => {
  it('a time that is skipped comes once, as much later as the clocks jump', () => {
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
