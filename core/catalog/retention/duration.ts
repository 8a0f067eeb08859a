/**
 * The instant that lies a length of time (`1y6m`, `90d`, `12h`) before another. Months and years are those of the calendar,
 * in UTC: a month before the 31st of March is the last day of February. A day is 24 hours.
 */
export function before(instant: Date, duration: string): Date {
  return moved(instant, duration, -1);
}

/** The instant that lies a length of time after another, by the same rules. */
export function after(instant: Date, duration: string): Date {
  return moved(instant, duration, 1);
}

function moved(instant: Date, duration: string, sign: 1 | -1): Date {
  const amount = (unit: string) => sign * Number(new RegExp(`(\\d+)${unit}`).exec(duration)?.[1] ?? 0);
  const date = new Date(instant);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + 12 * amount('y') + amount('m'));
  date.setUTCDate(Math.min(day, daysOfMonth(date)));
  const hours = 24 * (7 * amount('w') + amount('d')) + amount('h');
  return new Date(date.getTime() + hours * HOUR);
}

const HOUR = 3_600_000;

function daysOfMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
