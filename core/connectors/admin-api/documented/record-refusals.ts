import { isAppError, type AppError } from '../../../../contract/errors.ts';
import { outcomeOf, statusOf } from '../retry.ts';

/** Why a batch did not go through, where its records may be to blame. */
export type BatchFault =
  /** The server declined it: with one record less it may go through. */
  | { readonly is: 'refused'; readonly error: AppError }
  /** It has more records, or bytes, than this server takes. */
  | { readonly is: 'too large'; readonly error: AppError }
  /** A bare 500: a record that the server stumbles over, or a server that is not well. */
  | { readonly is: 'stumbled'; readonly error: AppError };

/** Undefined: no record's fault (rights, a missing realm, the network). */
export function faultOf(error: unknown): BatchFault | undefined {
  if (!isAppError(error)) return undefined;
  const status = statusOf(error);
  if (status === 500) return { is: 'stumbled', error };
  if (status === undefined || outcomeOf(error) !== 'refused') return undefined;
  if (status === 413) return { is: 'too large', error };
  return [400, 409, 422].includes(status) ? { is: 'refused', error } : undefined;
}

/** What an answer says of which of `count` records: `users[3].email` or `3.email`. Empty unless every entry names one. */
export function namedRecords({ details }: AppError, count: number): ReadonlyMap<number, string> {
  const named = new Map<number, string>();
  const fields = details['fields'];
  if (!Array.isArray(fields)) return named;
  for (const { field, message } of fields as { field: string; message: string }[]) {
    const match = /^(?:\/?users)?[[./]?(\d+)(?:[\]./]\.?(.*))?$/.exec(field);
    const index = match === null ? count : Number(match[1]);
    if (index >= count) return new Map();
    const text = match?.[2] ? `${match[2]}: ${message}` : message;
    named.set(index, named.has(index) ? `${named.get(index)}; ${text}` : text);
  }
  return named;
}

/** Why a record failed that was sent alone. */
export function reasonOf({ is, error }: BatchFault): string {
  const said = error.details['serverMessage'];
  if (is !== 'stumbled') return typeof said === 'string' ? said : error.message;
  const words = typeof said === 'string' ? `: ${said}` : '';
  return `The server answered 500 each time this record was sent alone${words}.`;
}
