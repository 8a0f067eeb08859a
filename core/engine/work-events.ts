import { asAppError, toWire } from '../../contract/wire.ts';
import type { JobProgress } from '../../contract/job.ts';

const EVERY_MILLISECONDS = 250;

/** Runs work that is no job: its progress, about four times a second, and at last its result. */
export async function* workEvents<R>(
  work: (progress: (latest: JobProgress) => void) => Promise<R>,
): AsyncGenerator<{ progress: JobProgress } | { result: R }> {
  let latest: JobProgress | undefined;
  let told: JobProgress | undefined;
  const done = work((progress) => {
    latest = progress;
  }).then((result) => ({ result }));
  // Awaited below; a rejection before that must not count as unhandled.
  done.catch(() => undefined);
  try {
    for (;;) {
      const ended = await Promise.race([done, pause()]);
      if (ended) {
        yield ended;
        return;
      }
      if (latest && latest !== told) yield { progress: latest };
      told = latest;
    }
  } catch (error) {
    // What is thrown while events are given out passes by what translates a procedure's own errors.
    throw toWire(asAppError(error));
  }
}

function pause(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, EVERY_MILLISECONDS, undefined));
}
