import { AppError } from '../../contract/errors.ts';

/**
 * The outcome of work that others may wait for as well, or `CANCELED` as soon as this one's signal fires. The work goes
 * on; should it fail then, it has failed for those who still wait.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new AppError('CANCELED', 'Canceled.', { cause: signal.reason }));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Listened to in any case: a failure that nobody hears would end the process.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
