import { randomBytes } from 'node:crypto';

/** Crockford's base 32, lower case: no letter that looks like a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 9;
const RANDOM_CHARACTERS = 5;

/** 14 characters that sort by time: milliseconds since 1970 (45 bits, good beyond the year 3000), then 25 random bits. */
export function newSnapshotId(now: Date): string {
  let time = '';
  for (let rest = now.getTime(), i = 0; i < TIME_CHARACTERS; i++, rest = Math.floor(rest / 32))
    time = ALPHABET[rest % 32] + time;
  const random = [...randomBytes(RANDOM_CHARACTERS)].map((byte) => ALPHABET[byte % 32]).join('');
  return time + random;
}
