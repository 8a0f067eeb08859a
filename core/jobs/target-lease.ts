import type { Leases } from '../catalog/jobs/leases.ts';
import { asAppError } from '../../contract/wire.ts';
import type { JournalledContext } from './runner.ts';

const HEARTBEAT_EVERY = 2000;

/**
 * Keeps others from applying to the same realm meanwhile. When the lease is lost the work is aborted.
 *
 * @throws AppError CATALOG_LOCKED when somebody else works on it
 */
export async function withTargetLease<T>(
  job: JournalledContext,
  leases: Leases,
  target: { readonly environment: string; readonly realm: string },
  work: (job: JournalledContext) => Promise<T>,
): Promise<T> {
  const lease = leases.acquire(`realm ${target.environment}/${target.realm}`, {
    job: job.job,
    kind: 'apply',
    ...(job.isResumed && { succeeds: true }),
  });
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    try {
      lease.heartbeat();
    } catch (error) {
      lost.abort(asAppError(error));
    }
  }, HEARTBEAT_EVERY);
  try {
    return await work({ ...job, signal: AbortSignal.any([job.signal, lost.signal]) });
  } catch (error) {
    // An abort for a lost lease is not somebody's wish to cancel.
    if (lost.signal.aborted) throw lost.signal.reason;
    throw error;
  } finally {
    clearInterval(heartbeat);
    lease.release();
  }
}
