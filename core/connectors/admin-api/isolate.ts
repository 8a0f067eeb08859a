import { AppError, isAppError } from '../../../contract/errors.ts';
import { outcomeOf } from './retry.ts';

/** Calls spent on finding out which records of a batch the server refuses; what is not found then fails as a group. */
const MAX_CALLS = 128;

export interface Refused<Item> {
  readonly item: Item;
  readonly reason: string;
}

/**
 * Sends a batch; when the server refuses it, finds the records that it refuses, so that one bad record costs only
 * itself: those the answer names are left out, else the batch is halved, down to single records.
 *
 * Parts of a refused batch may be sent twice (whether a refused batch leaves anything behind is not documented), so
 * `send` must be harmless to repeat.
 *
 * @throws AppError whatever is no refusal of records
 */
export async function sendIsolating<Item>(
  items: readonly Item[],
  send: (part: readonly Item[]) => Promise<void>,
): Promise<Refused<Item>[]> {
  const refused: Refused<Item>[] = [];
  const waiting: (readonly Item[])[] = [items];
  for (let calls = 0; waiting.length > 0; calls++) {
    const part = waiting.pop()!;
    if (calls >= MAX_CALLS) {
      refused.push(...part.map((item) => ({ item, reason: notSingledOut(part.length) })));
      continue;
    }
    try {
      await send(part);
    } catch (error) {
      if (!isRefusalOfRecords(error)) throw error;
      const left = takeOutNamed(part, error, refused);
      if (left.length === 0) continue;
      if (left.length < part.length) {
        waiting.push(left);
        continue;
      }
      const middle = Math.ceil(part.length / 2);
      waiting.push(part.slice(middle), part.slice(0, middle));
    }
  }
  return refused;
}

/** Records that an answer names (or the only record there is) are refused; the others may be sent again. */
function takeOutNamed<Item>(
  part: readonly Item[],
  error: AppError,
  refused: Refused<Item>[],
): readonly Item[] {
  const reasons = part.length === 1 ? new Map([[0, reasonOf(error)]]) : namedRecords(error, part.length);
  for (const [index, reason] of reasons) refused.push({ item: part[index]!, reason });
  return reasons.size === 0 ? part : part.filter((_item, index) => !reasons.has(index));
}

/** What a field list says of which record: `users[3].email` or `3.email`. Empty unless every entry names a record. */
function namedRecords(error: AppError, count: number): Map<number, string> {
  const named = new Map<number, string>();
  const fields = error.details['fields'];
  if (!Array.isArray(fields)) return named;
  for (const { field, message } of fields as { field: string; message: string }[]) {
    const match = /^(?:\/?users)?[[./]?(\d+)[\]./]?\.?(.*)$/.exec(field);
    const index = match === null ? count : Number(match[1]);
    if (index >= count) return new Map();
    const text = match?.[2] ? `${match[2]}: ${message}` : message;
    named.set(index, named.has(index) ? `${named.get(index)}; ${text}` : text);
  }
  return named;
}

function isRefusalOfRecords(error: unknown): error is AppError {
  if (!isAppError(error) || outcomeOf(error) !== 'refused') return false;
  return [400, 409, 413, 422].includes(Number(error.details['status']));
}

function reasonOf(error: AppError): string {
  const said = error.details['serverMessage'];
  return typeof said === 'string' ? said : error.message;
}

function notSingledOut(count: number): string {
  return `Refused, or not tried, in a group of ${count}: after ${MAX_CALLS} calls its bad records were not looked for any longer.`;
}
