import type { ServiceCall } from './service.ts';
import { BareError } from './spring-errors.ts';

/** Far above what a request of this API holds. */
const BODY_LIMIT_CHARACTERS = 8 * 1024 * 1024;

/**
 * A JSON object, read as Jackson reads a record in a Spring Boot application: unknown members are passed over, scalars
 * are turned into each other, and what cannot be is a bare 400.
 */
export class RequestRecord {
  readonly #members: Readonly<Record<string, unknown>>;

  private constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  static async read(call: ServiceCall): Promise<RequestRecord> {
    const value = await readJson(call);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BareError(400, 'The body is not an object.');
    return new RequestRecord(value as Record<string, unknown>);
  }

  text(name: string): string | null {
    return asText(this.#members[name] ?? null);
  }

  texts(name: string): (string | null)[] | null {
    const value = this.#members[name] ?? null;
    if (value === null) return null;
    if (!Array.isArray(value)) throw new BareError(400, `${name} is not an array.`);
    return value.map(asText);
  }

  integer(name: string): number | null {
    const value = this.#members[name] ?? null;
    if (value === null || value === '') return null;
    const number = typeof value === 'number' ? Math.trunc(value) : wholeNumber(value);
    if (number === undefined || number < -2_147_483_648 || number > 2_147_483_647)
      throw new BareError(400, `${name} is not an integer.`);
    return number;
  }

  flag(name: string): boolean | null {
    const value = this.#members[name] ?? null;
    if (value === null || value === '') return null;
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value !== 0;
    if (typeof value === 'string' && /^(?:true|True|TRUE)$/.test(value)) return true;
    if (typeof value === 'string' && /^(?:false|False|FALSE)$/.test(value)) return false;
    throw new BareError(400, `${name} is not a boolean.`);
  }
}

/** @throws BareError 415 when it is not declared as JSON, 400 when it is none, or nothing or `null` */
export async function readJson(call: ServiceCall): Promise<unknown> {
  const type = String(call.headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (!type || !/^application\/(?:json|[^/]+\+json)$/.test(type))
    throw new BareError(415, 'The body is not declared as JSON.');
  const text = await call.body();
  if (text.length > BODY_LIMIT_CHARACTERS) throw new BareError(413, 'The body is too large.');
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null) return value;
  } catch {
    throw new BareError(400, 'The body is not JSON.');
  }
  throw new BareError(400, 'The body is missing.');
}

/** @throws BareError 400 when it is missing */
export function requiredParameter(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null) throw new BareError(400, `The parameter ${name} is missing.`);
  return value;
}

export function integerParameter(query: URLSearchParams, name: string, otherwise: number): number {
  const value = query.get(name);
  if (value === null || value.trim() === '') return otherwise;
  const number = wholeNumber(value.trim());
  if (number === undefined || Math.abs(number) > 2_147_483_647)
    throw new BareError(400, `The parameter ${name} is not an integer.`);
  return number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws BareError 400 for what is no UUID */
export function uuid(text: string): string {
  if (!UUID.test(text)) throw new BareError(400, 'This is no UUID.');
  return text.toLowerCase();
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'string' && /^[+-]?\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function asText(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new BareError(400, 'This is not a string.');
  // The database's driver has no bytes for half of a surrogate pair, and writes a question mark. (The release still
  // answers a creation with what it was sent.)
  return String(value).replace(/\p{Surrogate}/gu, '?');
}
