import { expect, test } from 'vitest';
import { calendarDays, cutOff, entriesByDay } from './calendar-days.ts';

test('a calendar begins on a Monday, and has each schedule once a day', () => {
  const days = calendarDays(new Date(2026, 10, 28, 15), 3);
  expect([days.length, days[0]!.begin.getDay(), days[0]!.begin.getDate()]).toEqual([21, 1, 23]);
  const at = (day: number, hour: number): string => new Date(2026, 10, day, hour).toISOString();
  const runs = [
    { schedule: 'often', at: at(24, 1), state: 'next' as const },
    { schedule: 'often', at: at(24, 2), state: 'next' as const },
    { schedule: 'nightly', at: at(24, 3), state: 'missed' as const },
  ];
  const byDay = entriesByDay(runs, days);
  expect(byDay.map((entries) => entries.length)).toEqual([0, 2, ...Array.from({ length: 19 }, () => 0)]);
  expect(byDay[1]!.map(({ schedule, state, times }) => [schedule, state, times.length])).toEqual([
    ['often', 'next', 2],
    ['nightly', 'missed', 1],
  ]);
});

test('where not all times had room, those that were cut off are told, each after its last', () => {
  const often = (schedule: string, times: number) =>
    Array.from({ length: times }, (_, minute) => ({
      schedule,
      at: `2026-11-28T00:0${minute}:00.000Z`,
    }));
  const nightly = [{ schedule: 'nightly', at: '2026-11-28T02:00:00.000Z' }];
  const after = (minute: number) => new Date(`2026-11-28T00:0${minute}:00.000Z`);
  expect(cutOff([...often('a', 4), ...nightly], 9)).toEqual(new Map());
  expect(cutOff([...often('a', 8), ...nightly], 9)).toEqual(new Map([['a', { times: 8, after: after(7) }]]));
  // Not only that which has most of them.
  expect(cutOff([...often('a', 4), ...often('b', 4), ...nightly], 9)).toEqual(
    new Map([
      ['a', { times: 4, after: after(3) }],
      ['b', { times: 4, after: after(3) }],
    ]),
  );
});
