import type { Leases } from '../catalog/jobs/leases.ts';
import { holdLease } from './held-lease.ts';
import type { JournalledContext } from './runner.ts';

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
  const held = holdLease(lease);
  try {
    return await work({ ...job, signal: AbortSignal.any([job.signal, held.lost]) });
  } catch (error) {
    // An abort for a lost lease is not somebody's wish to cancel.
    if (held.lost.aborted) throw held.lost.reason;
    throw error;
  } finally {
    held.end();
  }
}
