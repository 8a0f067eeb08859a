const INTEGER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const DECIMAL = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function integer(value: number): string {
  return INTEGER.format(value);
}

/** “1 user”, “4,312 users”. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${integer(value)} ${value === 1 ? singular : plural}`;
}

/** “the first user”, “the first 50 users”. */
export function theFirst(count: number, singular: string, plural?: string): string {
  return `the first ${count === 1 ? singular : counted(count, singular, plural)}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units: 1 MB is a million bytes. */
export function bytes(value: number): string {
  let amount = value;
  let unit = 0;
  while (amount >= 999.95 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? integer(amount) : DECIMAL.format(amount)} ${UNITS[unit]!}`;
}

export function seconds(milliseconds: number): string {
  if (milliseconds < 60_000) return `${DECIMAL.format(milliseconds / 1000)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  return `${minutes} min ${Math.floor((milliseconds % 60_000) / 1000)} s`;
}

/** An ISO instant as people read it, to the second, in UTC: one machine's log must compare with another's. */
export function instant(iso: string): string {
  return iso.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');
}

/** “a, b and c”. */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)!}`;
}
