/**
 * The instant that lies a length of time (`1y6m`, `90d`, `12h`) before another. Months and years are those of the calendar,
 * in UTC: a month before the 31st of March is the last day of February. A day is 24 hours.
 */
export function before(instant: Date, duration: string): Date {
  const amount = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(duration)?.[1] ?? 0);
  const moved = new Date(instant);
  const day = moved.getUTCDate();
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() - 12 * amount('y') - amount('m'));
  moved.setUTCDate(Math.min(day, daysOfMonth(moved)));
  const hours = 24 * (7 * amount('w') + amount('d')) + amount('h');
  return new Date(moved.getTime() - hours * HOUR);
}

const HOUR = 3_600_000;

function daysOfMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
