import type { JobProgress } from '../../contract/job.ts';
import type { Io } from '../io.ts';
import { progressDisplay } from '../terminal/progress.ts';

/**
 * Shows the progress of work that is no job, and waits for its end.
 *
 * @param start is given the signal that an interruption fires
 */
export async function runWork<R>(
  io: Io,
  start: (signal: AbortSignal) => Promise<AsyncIterable<{ progress: JobProgress } | { result: R }>>,
): Promise<R> {
  const display = progressDisplay(io);
  try {
    for await (const event of await start(io.interruption.signal)) {
      if ('result' in event) return event.result;
      display.show(event.progress);
    }
  } finally {
    display.end();
  }
  throw new Error('The work ended without a result.');
}
