import { useQuery } from '@tanstack/react-query';
import type { AppError } from '../../../../contract/errors.ts';
import type { JobView } from '../../../../contract/job.ts';
import type { FailedRun } from '../../../../contract/schedule.ts';
import { asAppError } from '../../../../contract/wire.ts';
import { useApi } from '../../../client/use-client.tsx';
import { useRecentJobs } from '../../../features/jobs/use-job.ts';

interface Attention {
  readonly halfWritten: readonly JobView[];
  readonly brokenOff: readonly JobView[];
  readonly failedRuns: readonly FailedRun[];
  readonly lacksRecoveryKey: boolean;
  /** Why some of it is not known, each reason once. */
  readonly errors: readonly AppError[];
}

/** How often schedules are looked at; they fail by night. Milliseconds. */
const LOOK_AGAIN = 60_000;

/** What the engine tells without being asked to connect anywhere but to databases that were left half written. */
export function useAttention(): Attention {
  const api = useApi();
  const recent = useRecentJobs();
  const written = useQuery(api.engine.jobs.halfWritten.queryOptions());
  const failures = useQuery({
    ...api.engine.schedules.failures.queryOptions(),
    refetchInterval: LOOK_AGAIN,
  });
  const catalog = useQuery(api.engine.catalog.show.queryOptions());
  const jobs = recent.data ?? [];
  const halfWritten = written.data ?? [];
  const errors = [recent, written, failures, catalog].flatMap(({ error }) =>
    error === null ? [] : [asAppError(error)],
  );
  const half = new Set(halfWritten.map(({ id }) => id));
  return {
    halfWritten,
    brokenOff: jobs.filter(({ id, state }) => state === 'interrupted' && !half.has(id)),
    failedRuns: failures.data ?? [],
    lacksRecoveryKey: catalog.data?.recoveryKey === false,
    errors: [...new Map(errors.map((error) => [`${error.code} ${error.message}`, error])).values()],
  };
}
