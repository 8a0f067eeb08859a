import { isAppError, type AppError } from '../../../../contract/errors.ts';
import { endsTheWork, isUncertain, type Calls } from './calls.ts';

/** Why one record could not be written: its own failure, not the job's. */
export class NotWritten extends Error {
  override readonly name = 'NotWritten';
}

/** What a look after a failed write finds. `refused`: a sentence that says why writing again would not help. */
export type Found<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'absent' }
  | { readonly is: 'refused'; readonly reason: string };

export interface Writing<T> {
  write(): Promise<T>;
  /** Looks at what stands there now, after this failure. */
  look(error: AppError): Promise<Found<T>>;
  /** A sentence on why it failed each time, where a closer look finds one. */
  explain?(): Promise<string | undefined>;
  /** Whether this refusal may be due to an earlier attempt of ours, or can be explained by looking. */
  worthLooking?(error: AppError): boolean;
  /** A sentence that begins a failure: "It was not created." */
  readonly notDone: string;
}

const ATTEMPTS = 4;

/**
 * Writes, and where it is not known whether that was done, looks: what is there as wished is done, what cannot be is
 * refused, and what is not there is written again, a few times.
 *
 * @throws NotWritten with the best reason there is; AppError for what would fail for every record
 */
export async function writeOnce<T>(calls: Calls, writing: Writing<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writing.write();
    } catch (error) {
      if (endsTheWork(error) || !isAppError(error)) throw error;
      const isDoubtful = isUncertain(error);
      if (!isDoubtful && !writing.worthLooking?.(error)) throw refusal(writing, error);
      const found = await lookAfter(writing, error);
      if (found.is === 'done') return found.value;
      if (found.is === 'refused') throw new NotWritten(found.reason);
      if (!isDoubtful) throw refusal(writing, error);
      if (attempt === ATTEMPTS) throw await explained(writing, error);
      await calls.pause(attempt);
      calls.retries++;
    }
  }
}

async function lookAfter<T>(writing: Writing<T>, error: AppError): Promise<Found<T>> {
  try {
    return await writing.look(error);
  } catch (second) {
    if (second instanceof NotWritten) throw second;
    if (endsTheWork(second) || !isAppError(second)) throw second;
    throw new NotWritten(
      `Whether it was written is not known: ${error.message} And it could not be looked at: ${second.message}`,
    );
  }
}

async function explained<T>(writing: Writing<T>, error: AppError): Promise<NotWritten> {
  try {
    const reason = await writing.explain?.();
    return reason === undefined ? refusal(writing, error) : new NotWritten(reason);
  } catch (second) {
    if (endsTheWork(second) || !isAppError(second)) throw second;
    return refusal(writing, error);
  }
}

function refusal<T>({ notDone }: Writing<T>, error: AppError): NotWritten {
  return new NotWritten(`${notDone} ${reasonOf(error)}`);
}

/** What the server said, where it said something. */
export function reasonOf(error: AppError): string {
  const said = error.details['serverMessage'];
  if (error.details['outcome'] === 'refused' && typeof said === 'string') return `The server says: ${said}.`;
  return error.message;
}
