import { setTimeout as wait } from 'node:timers/promises';
import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import type { Time } from './settings.ts';

export const REAL_TIME: Time = {
  now: () => Date.now(),
  random: () => Math.random(),
  async sleep(ms, signal) {
    throwIfAborted(signal);
    try {
      await wait(ms, undefined, { signal });
    } catch (cause) {
      throw new AppError('CANCELED', 'Canceled.', { cause });
    }
  },
};

/**
 * A signal that fires some time after another one: a write under way may still finish, so that its outcome is known.
 * `dispose` must be called when the work is done.
 */
export function delayedAbort(
  signal: AbortSignal,
  graceMs: number,
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => controller.abort(signal.reason), graceMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
