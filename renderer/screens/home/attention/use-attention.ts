import { useQuery } from '@tanstack/react-query';
import type { JobView } from '../../../../contract/job.ts';
import type { FailedRun } from '../../../../contract/schedule.ts';
import { useApi } from '../../../client/use-client.tsx';
import { useRecentJobs } from '../../../features/jobs/use-job.ts';

interface Attention {
  readonly halfWritten: readonly JobView[];
  readonly brokenOff: readonly JobView[];
  readonly failedRuns: readonly FailedRun[];
  readonly lacksRecoveryKey: boolean;
}

/** How often schedules are looked at; they fail by night. Milliseconds. */
const LOOK_AGAIN = 60_000;

/** What the engine tells without being asked to connect anywhere but to databases that were left half written. */
export function useAttention(): Attention {
  const api = useApi();
  const { data: jobs = [] } = useRecentJobs();
  const { data: halfWritten = [] } = useQuery(api.engine.jobs.halfWritten.queryOptions());
  const { data: failedRuns = [] } = useQuery({
    ...api.engine.schedules.failures.queryOptions(),
    refetchInterval: LOOK_AGAIN,
  });
  const { data: catalog } = useQuery(api.engine.catalog.show.queryOptions());
  const half = new Set(halfWritten.map(({ id }) => id));
  return {
    halfWritten,
    brokenOff: jobs.filter(({ id, state }) => state === 'interrupted' && !half.has(id)),
    failedRuns,
    lacksRecoveryKey: catalog?.recoveryKey === false,
  };
}
