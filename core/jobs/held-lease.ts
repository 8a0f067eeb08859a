import { isAppError } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import type { Lease } from '../catalog/jobs/leases.ts';

/** Well within what a lease lasts. Milliseconds. */
const HEARTBEAT_EVERY = 2_000;

/** A lease that is kept alive for as long as somebody works under it. */
export interface HeldLease {
  /** Aborted, with the reason, when the lease is lost: from then on somebody else may hold it. */
  readonly lost: AbortSignal;
  /** Gives it back. */
  end(): void;
}

export function holdLease(lease: Lease): HeldLease {
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    try {
      lease.heartbeat();
    } catch (error) {
      lost.abort(asAppError(error));
    }
  }, HEARTBEAT_EVERY);
  return {
    lost: lost.signal,
    end() {
      clearInterval(heartbeat);
      try {
        lease.release();
      } catch (error) {
        // It ends by itself; what the work under it met is what must be told.
        if (!isAppError(error, 'DISK_FULL')) throw error;
      }
    },
  };
}
