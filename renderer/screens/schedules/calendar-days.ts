/** A day of this computer's clock; `end` is the next one's beginning. */
export interface Day {
  readonly begin: Date;
  readonly end: Date;
}

/** What one schedule does on one day. */
export interface DayEntry {
  readonly schedule: string;
  readonly state: 'next' | 'missed';
  readonly times: readonly Date[];
}

/** The days of so many weeks, from the Monday of this one on. Days have 23 to 25 hours where clocks are changed. */
export function calendarDays(now: Date, weeks: number): Day[] {
  const monday = now.getDate() - ((now.getDay() + 6) % 7);
  return Array.from({ length: weeks * 7 }, (_, day) => ({
    begin: new Date(now.getFullYear(), now.getMonth(), monday + day),
    end: new Date(now.getFullYear(), now.getMonth(), monday + day + 1),
  }));
}

/** What falls on each of the days, those of one schedule together. */
export function entriesByDay(
  runs: readonly { readonly schedule: string; readonly at: string; readonly state: 'next' | 'missed' }[],
  days: readonly Day[],
): DayEntry[][] {
  const times = runs.map((run) => ({ ...run, time: new Date(run.at) }));
  return days.map(({ begin, end }) => {
    const entries = new Map<string, { schedule: string; state: 'next' | 'missed'; times: Date[] }>();
    for (const { schedule, state, time } of times) {
      if (time < begin || time >= end) continue;
      const key = `${schedule} ${state}`;
      const entry = entries.get(key) ?? { schedule, state, times: [] };
      entry.times.push(time);
      entries.set(key, entry);
    }
    return [...entries.values()];
  });
}

/** The schedule that has most times, how many, and the last of them: where not all had room, it is the one that was cut off. @param runs one at least */
export function cutOff(runs: readonly { readonly schedule: string; readonly at: string }[]): {
  schedule: string;
  times: number;
  after: Date;
} {
  const last = new Map<string, { times: number; at: string }>();
  for (const { schedule, at } of runs)
    last.set(schedule, { times: (last.get(schedule)?.times ?? 0) + 1, at });
  const [schedule, { times, at }] = [...last].toSorted(([, a], [, b]) => b.times - a.times)[0]!;
  return { schedule, times, after: new Date(at) };
}
