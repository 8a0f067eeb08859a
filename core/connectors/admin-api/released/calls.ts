import { isAppError, throwIfAborted, type AppError } from '../../../../contract/errors.ts';
import type { JsonObject, JsonValue } from '../../../model/record.ts';
import type { ApiCall, ApiClient } from '../api-client.ts';
import { outcomeOf } from '../retry.ts';

export interface Sent {
  /** Completes "could not …". */
  readonly to: string;
  readonly body?: JsonObject;
  /** Sending it twice has no other effect than sending it once. */
  readonly repeatable: boolean;
}

/** Calls that write one record. */
export class Calls {
  readonly #client: ApiClient;
  /** Fires a while after the job's own, so that a call under way can come to its end. */
  readonly #grace: AbortSignal;
  readonly #signal: AbortSignal;
  /** Calls that were made again after a failure. */
  retries = 0;

  constructor(client: ApiClient, signal: AbortSignal, grace: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    this.#grace = grace;
  }

  /** @throws AppError CANCELED: nothing new is begun */
  throwIfCanceled(): void {
    throwIfAborted(this.#signal);
  }

  /** @param bare500 what a bare 500 is: a failure that may pass, or the way to say that there is no such thing */
  async get(
    url: string,
    to: string,
    bare500: 'failure' | 'absence' = 'failure',
  ): Promise<JsonValue | undefined> {
    const serverErrors = bare500 === 'failure' ? 'retry' : 'throw';
    return await this.#call({ method: 'GET', url, serverErrors }, { to, repeatable: true });
  }

  async post(url: string, sent: Sent): Promise<JsonValue | undefined> {
    return await this.#write('POST', url, sent);
  }

  async put(url: string, sent: Sent): Promise<JsonValue | undefined> {
    return await this.#write('PUT', url, sent);
  }

  async delete(url: string, sent: Sent): Promise<JsonValue | undefined> {
    return await this.#write('DELETE', url, sent);
  }

  /** A 500 is how this server refuses: it is not sent again, whoever wrote has to look what became of it. */
  async #write(method: ApiCall['method'], url: string, sent: Sent): Promise<JsonValue | undefined> {
    return await this.#call({ method, url, serverErrors: 'throw' }, sent);
  }

  /** Before a call is made once more: the `times`th repetition waits longer than the one before. */
  async pause(times: number): Promise<void> {
    this.throwIfCanceled();
    const { time } = this.#client;
    await time.sleep(PAUSE_MS * 2 ** (times - 1) * (0.5 + time.random() / 2), this.#signal);
  }

  async #call(
    call: Pick<ApiCall, 'method' | 'url' | 'serverErrors'>,
    { to, body, repeatable }: Sent,
  ): Promise<JsonValue | undefined> {
    return await this.#client.json({
      ...call,
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      purpose: { to, notChanged: 'It was not changed.' },
      repeatable,
      signal: this.#grace,
      onRetry: () => this.retries++,
    });
  }
}

/** Milliseconds before the first repetition of a call whose effect was looked for and not found. */
const PAUSE_MS = 300;

/** The word for machines in a service's refusal: USER_EXISTS, EMAIL_EXISTS, ROLE_EXISTS. Only the gateway passes it on. */
export function serverCodeOf(error: unknown): string | undefined {
  if (!isAppError(error)) return undefined;
  const { serverCode } = error.details;
  return typeof serverCode === 'string' ? serverCode : undefined;
}

/** Whether a write that failed may have been done all the same. */
export function isUncertain(error: unknown): error is AppError {
  return isAppError(error) && !endsTheWork(error) && outcomeOf(error) === 'unknown';
}

/**
 * What would fail for every other record as well: the server cannot be reached, does not know us, wants to be left alone,
 * or nobody wants the work done any more.
 */
export function endsTheWork(error: unknown): boolean {
  return !isAppError(error) || ENDS_THE_WORK.has(error.code);
}

const ENDS_THE_WORK: ReadonlySet<string> = new Set([
  'CANCELED',
  'AUTH_FAILED',
  'UNREACHABLE',
  'TLS_FAILED',
  'RATE_LIMITED',
  'INTERNAL',
]);
