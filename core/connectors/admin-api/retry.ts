import { isAppError, type AppError } from '../../../contract/errors.ts';
import type { RetryPolicy, Time } from './settings.ts';

/**
 * What is known about a call that failed. `not-sent`: it never reached the server; `refused`: the server declined to
 * do it; `unknown`: it may have been done.
 */
export type Outcome = 'not-sent' | 'refused' | 'unknown';

export function outcomeOf(error: AppError): Outcome {
  const outcome = error.details['outcome'];
  return outcome === 'not-sent' || outcome === 'refused' ? outcome : 'unknown';
}

/** The status with which a server refused; undefined: it did not. */
export function statusOf(error: unknown): number | undefined {
  const status = isAppError(error) ? error.details['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Whether a failure may go away by itself: set by whoever translated it. */
function isTransient(error: AppError): boolean {
  return error.details['transient'] === true;
}

export interface Retrying {
  readonly policy: RetryPolicy;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** Whether the call may be sent again although it may have been done. */
  readonly repeatable: boolean;
  /** Whether the server has proven that it works. */
  readonly proven?: () => boolean;
  readonly onRetry?: () => void;
  /** Waits for as long as the server asked for; default: `time.sleep`. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Calls again what failed for a passing reason, with exponential back-off and full jitter, or after what `Retry-After`
 * asks for. A call that may have been done is sent again only if that is harmless (`repeatable`).
 *
 * @throws AppError the last failure; CANCELED
 */
export async function withRetries<T>(attempt: () => Promise<T>, retrying: Retrying): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = isAppError(error) ? waitBefore(error, made, retrying) : undefined;
      if (wait === undefined) throw isAppError(error) ? settled(error) : error;
      const { time, signal, pause } = retrying;
      await (wait.asked && pause ? pause(wait.ms, signal) : time.sleep(wait.ms, signal));
      retrying.onRetry?.();
    }
  }
}

/** What was given up on is not tried again by whoever called (a call that needs a token, by the call for the token). */
function settled(error: AppError): AppError {
  error.details['transient'] = false;
  return error;
}

interface Wait {
  readonly ms: number;
  /** Whether the server asked for it, or we chose it. */
  readonly asked: boolean;
}

/** What to wait before the next call; undefined: no next call. */
function waitBefore(error: AppError, made: number, retrying: Retrying): Wait | undefined {
  const { policy, time } = retrying;
  const attempts = retrying.proven?.() === true ? policy.provenAttempts : policy.attempts;
  if (made >= attempts || !isTransient(error)) return undefined;
  if (outcomeOf(error) === 'unknown' && !retrying.repeatable) return undefined;
  const asked = error.details['retryAfterMs'];
  const backoff = time.random() * Math.min(policy.maxMs, policy.baseMs * 2 ** (made - 1));
  if (typeof asked !== 'number') return { ms: backoff, asked: false };
  return asked > policy.maxRetryAfterMs ? undefined : { ms: Math.max(asked, backoff), asked: true };
}

/** Milliseconds that a `Retry-After` header asks for, given as seconds or as an HTTP date; undefined when it says nothing usable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
