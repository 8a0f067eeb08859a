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

/** A schedule of which not all times had room. */
export interface CutOff {
  /** How many are told. */
  readonly times: number;
  /** The last of them. */
  readonly after: Date;
}

/**
 * Which schedules were cut off, by name: the engine gives each an equal share of the room, and what one does not need to the
 * others.
 *
 * @param runs in the order of their times
 * @param limit how many there was room for
 */
export function cutOff(
  runs: readonly { readonly schedule: string; readonly at: string }[],
  limit: number,
): ReadonlyMap<string, CutOff> {
  const told = new Map<string, CutOff>();
  for (const { schedule, at } of runs)
    told.set(schedule, { times: (told.get(schedule)?.times ?? 0) + 1, after: new Date(at) });
  const byTimes = [...told].toSorted(([, a], [, b]) => a.times - b.times);
  let room = limit;
  return new Map(
    byTimes.filter(([, { times }], nth) => {
      const share = Math.floor(room / (byTimes.length - nth));
      room -= times;
      return times >= share;
    }),
  );
}
