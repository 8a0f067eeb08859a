import type { JsonObject, JsonValue } from './record.ts';

// Standard since ES2025 ("JSON.parse source text access"); not yet in TypeScript's library.
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
}
const exact = JSON as unknown as ExactJson;

/** A number of 16 digits or more, or with an exponent, where a number can begin: UUIDs are full of "0e1". */
const MAY_LOSE_DIGITS = /(?:^|[:,[\s])-?\d(?:[\d.]{15}|[\d.]*[eE])/;

/**
 * Parses JSON without losing digits: a number that a double cannot hold becomes a `JSON.rawJSON` object, which
 * `JSON.stringify` writes in one form for one number. Costs nothing where no long number occurs.
 *
 * @throws SyntaxError like JSON.parse
 */
export function parseExact(text: string): JsonValue {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text) as JsonValue;
  return exact.parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value;
    const nearest = JSON.stringify(value);
    if (nearest === source) return value;
    const number = canonicalNumber(source);
    return Number.isFinite(value) && canonicalNumber(nearest) === number ? value : exact.rawJSON(number);
  }) as JsonValue;
}

/** The body of a canonical line. */
export function parseLine(line: Buffer): JsonObject {
  return parseExact(line.toString('utf8')) as JsonObject;
}

export function isRawJson(value: object): boolean {
  return exact.isRawJSON(value);
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Numbers of more digits are written with an exponent. */
const MOST_PLAIN_DIGITS = 60;

/** One form for one number, however it was written: 1e3, 1000.0 and 1000 are the same. */
function canonicalNumber(source: string): string {
  const [, minus = '', whole = '', fraction = '', power = '0'] = NUMBER.exec(source)!;
  const digits = whole + fraction;
  const significant = digits.slice(leadingZeros(digits), digits.length - trailingZeros(digits));
  if (significant === '') return '0';
  // Nobody means such an exponent, and adding to it would need more than a double.
  if (power.length > 15) return source;
  const exponent = Number(power) - fraction.length + trailingZeros(digits);
  return minus + (plain(significant, exponent) ?? `${significant}e${exponent}`);
}

function leadingZeros(digits: string): number {
  let count = 0;
  while (digits[count] === '0') count++;
  return count;
}

/** A loop: the pattern /0+$/ takes quadratic time on hostile input. */
function trailingZeros(digits: string): number {
  let count = 0;
  while (digits[digits.length - 1 - count] === '0') count++;
  return count;
}

function plain(significant: string, exponent: number): string | undefined {
  const width = exponent >= 0 ? significant.length + exponent : Math.max(significant.length, 1 - exponent);
  if (width > MOST_PLAIN_DIGITS) return undefined;
  if (exponent >= 0) return significant + '0'.repeat(exponent);
  const padded = significant.padStart(1 - exponent, '0');
  return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
