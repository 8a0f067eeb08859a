const ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}(?::?\d{2})?)$/;

/**
 * One instant, one form: UTC, the fraction cut to microseconds (what PostgreSQL holds) and without trailing zeros.
 * OpenGate v1.1.0 writes 0, 3, 6 or 9 digits of fraction for the same instant. A text that is no ISO instant is
 * returned as it is: it may be a newer server's own format, and is data.
 */
export function canonicalInstant(text: string): string {
  const match = ISO.exec(text);
  if (!match) return text;
  const [, seconds, fraction = '', zone] = match;
  const kept = fraction.slice(0, 6).replace(/0+$/, '');
  const utc = zone === 'Z' ? seconds! : shiftedToUtc(seconds!, zone!);
  if (utc === undefined) return text;
  return kept === '' ? `${utc}Z` : `${utc}.${kept}Z`;
}

/** @returns undefined for what is no instant (a 13th month) or leaves the four-digit years */
function shiftedToUtc(seconds: string, zone: string): string | undefined {
  const digits = zone.replace(/[:+-]/g, '').padEnd(4, '0');
  const minutes =
    (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4)));
  const utc = new Date(Date.parse(`${seconds}Z`) - minutes * 60_000);
  const year = utc.getUTCFullYear();
  return year >= 0 && year <= 9999 ? utc.toISOString().slice(0, 19) : undefined;
}
