import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError, throwIfAborted, type ErrorCode } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import type { JobContext } from './job-context.ts';

export interface Readiness {
  /** How long it may take. */
  readonly seconds: number;
  /** The environment's name, to be shown. */
  readonly environment: string;
  /**
   * Asks for what will be needed, and throws what stands in its way. Each time with a connector of its own: what one has
   * found out about a server that is just starting (its dialect, where it issues tokens) need not hold a second later.
   */
  readonly look: (signal: AbortSignal) => Promise<void>;
}

/**
 * What a server, or what stands in front of it, says while it starts. A refused secret or certificate is not among it: it
 * does not get better by waiting.
 */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'UNREACHABLE',
  'TIMEOUT',
  'CONNECTION_LOST',
  'SERVER_ERROR',
  'RATE_LIMITED',
  'UNEXPECTED_ANSWER',
  'TARGET_LOCKED',
  // The databases, or their tables, are not there yet.
  'SCHEMA_UNSUPPORTED',
  'NOT_FOUND',
]);

/** Milliseconds; doubled up to the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000;
/** One look must not take all the time there is: a connection that hangs now may be answered at the next attempt. */
const LONGEST_LOOK = 15_000;

/**
 * Waits until an environment answers, asking again with growing pauses.
 *
 * @throws AppError what it said last, when the time is over, or at once what waiting does not heal; CANCELED
 */
export async function waitUntilReady(
  job: Pick<JobContext, 'signal' | 'progress'>,
  { seconds, environment, look }: Readiness,
): Promise<void> {
  const began = performance.now();
  const left = (): number => seconds * 1000 - (performance.now() - began);
  let last: AppError | undefined;
  let attempts = 0;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const error = await failureOf(look, job.signal, Math.min(Math.max(left(), 1000), LONGEST_LOOK));
    attempts++;
    if (error === undefined) return;
    // That nothing came in time says less than what came before.
    if (error !== 'no answer') last = error;
    if (error !== 'no answer' && !PASSING.has(error.code)) throw error;
    if (left() <= 0) throw notReady(environment, { seconds, attempts, last });
    job.progress({
      phase: `Waiting for “${environment}”: ${last?.message ?? 'it does not answer'}`,
      done: 0,
      unit: 'items',
      waited: Math.round((performance.now() - began) / 1000),
    });
    await pauseFor(Math.min(pause, left()), job.signal);
  }
}

async function failureOf(
  look: Readiness['look'],
  signal: AbortSignal,
  milliseconds: number,
): Promise<AppError | 'no answer' | undefined> {
  const time = AbortSignal.timeout(Math.ceil(milliseconds));
  try {
    await look(AbortSignal.any([signal, time]));
    return undefined;
  } catch (error) {
    throwIfAborted(signal);
    return time.aborted && isAppError(error, 'CANCELED') ? 'no answer' : asAppError(error);
  }
}

async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  // An abort ends the pause; what it means is told by the next line.
  await sleep(Math.max(milliseconds, 0), undefined, { signal }).catch(() => {});
  throwIfAborted(signal);
}

function notReady(
  environment: string,
  { seconds, attempts, last }: { seconds: number; attempts: number; last: AppError | undefined },
): AppError {
  const code = last === undefined ? 'TIMEOUT' : last.code === 'NOT_FOUND' ? 'UNREACHABLE' : last.code;
  return new AppError(
    code,
    `“${environment}” was not ready within ${seconds === 1 ? 'a second' : `${seconds} seconds`}. ${last?.message ?? 'It did not answer.'}`,
    {
      notChanged: 'Nothing was created or changed.',
      remedy: last?.remedy || 'Look whether it is starting, or give it more time.',
      details: { ...last?.details, waitedSeconds: seconds, attempts },
      cause: last,
    },
  );
}
