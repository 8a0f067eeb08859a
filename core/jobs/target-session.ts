import type { Connector, TargetSession } from '../connectors/connector.ts';
import { waitMeter, type JobContext } from './job-context.ts';

/**
 * A realm under change. Between two commits nothing may break the work off: a cancel that comes then waits until the
 * last one, since half of it would be worse than all of it.
 */
export interface HeldTarget {
  readonly session: TargetSession;
  /** Fires as the job's, until `hold`. */
  readonly signal: AbortSignal;
  /** From here on the work goes to its end. */
  hold(): void;
  close(): Promise<void>;
}

export async function openHeldTarget(
  job: JobContext,
  connector: Connector,
  realm: string,
): Promise<HeldTarget> {
  const own = new AbortController();
  const pass = () => own.abort(job.signal.reason);
  job.signal.addEventListener('abort', pass, { once: true });
  if (job.signal.aborted) pass();
  const release = () => job.signal.removeEventListener('abort', pass);
  try {
    const session = await connector.openTarget(realm, { onWait: waitMeter(job) }, own.signal);
    return {
      session,
      signal: own.signal,
      hold: release,
      async close() {
        release();
        await session.close();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
