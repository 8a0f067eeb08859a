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

const MAY_LOSE_DIGITS = /\d[\d.]{15}|\d[eE]/;

/**
 * Parses JSON without losing digits: a number that a double cannot hold becomes a `JSON.rawJSON` object, which
 * `JSON.stringify` writes back as it was. Costs nothing where no long number occurs.
 *
 * @throws SyntaxError like JSON.parse
 */
export function parseExact(text: string): JsonValue {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text) as JsonValue;
  return exact.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && JSON.stringify(value) !== context.source
      ? exact.rawJSON(context.source)
      : value,
  ) as JsonValue;
}

/** The body of a canonical line. */
export function parseLine(line: Buffer): JsonObject {
  return parseExact(line.toString('utf8')) as JsonObject;
}

export function isRawJson(value: object): boolean {
  return exact.isRawJSON(value);
}
