/** Nanoseconds since 1970: what `Instant.now()` gives on Linux. The database keeps microseconds of it. */
export function instantNow(): bigint {
  return BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000));
}

/** As Jackson writes an `Instant`: with 0, 3, 6 or 9 digits of the second's fraction, whatever it takes. */
export function instantText(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}${fraction(String(nanoseconds % 1_000_000_000n).padStart(9, '0'))}Z`;
}

/** Selects a timestamp as text in UTC ("2024-05-01 12:00:00.5"), which `storedInstant` reads. */
export function instantColumn(name: string): string {
  return `(${name} AT TIME ZONE 'UTC')::text AS ${name}`;
}

export function storedInstant(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}${fraction(text.slice(20))}Z`;
}

function fraction(digits: string): string {
  const significant = digits.replace(/0+$/, '').length;
  if (significant === 0) return '';
  const length = Math.ceil(significant / 3) * 3;
  return `.${digits.slice(0, length).padEnd(length, '0')}`;
}
