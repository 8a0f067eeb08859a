/** The hours, days, weeks, months and years of one time zone, by names that sort by time. */
export interface Periods {
  /** With its distance from UTC, since the hour before the clocks are put back comes twice. */
  readonly hour: (iso: string) => string;
  readonly day: (iso: string) => string;
  /** As ISO 8601 has it: from Monday on, and in the year that has its Thursday. */
  readonly week: (iso: string) => string;
  readonly month: (iso: string) => string;
  readonly year: (iso: string) => string;
}

const DAY = 86_400_000;

/** @throws RangeError for a time zone that there is not */
export function periodsIn(timeZone: string): Periods {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    timeZoneName: 'longOffset',
  });
  const known = new Map<string, Record<string, string>>();
  const partsOf = (iso: string) => {
    let parts = known.get(iso);
    if (!parts) {
      const all = format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value] as const);
      parts = Object.fromEntries(all);
      known.set(iso, parts);
    }
    return parts;
  };
  const month = (iso: string) => `${partsOf(iso)['year']}-${partsOf(iso)['month']}`;
  const day = (iso: string) => `${month(iso)}-${partsOf(iso)['day']}`;
  return {
    hour: (iso) => `${day(iso)} ${partsOf(iso)['hour']}h ${partsOf(iso)['timeZoneName']}`,
    day,
    week(iso) {
      const date = Date.parse(day(iso));
      const weekday = (new Date(date).getUTCDay() + 6) % 7;
      const thursday = date + (3 - weekday) * DAY;
      const year = new Date(thursday).getUTCFullYear();
      const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY));
      return `${year}-W${String(week).padStart(2, '0')}`;
    },
    month,
    year: (iso) => partsOf(iso)['year']!,
  };
}
