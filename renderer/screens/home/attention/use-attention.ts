import { useQuery } from '@tanstack/react-query';
import type { AppError } from '../../../../contract/errors.ts';
import type { JobView } from '../../../../contract/job.ts';
import type { FailedRun } from '../../../../contract/schedule.ts';
import { asAppError } from '../../../../contract/wire.ts';
import { useApi } from '../../../client/use-client.tsx';
import { needingAttention } from '../../../features/jobs/needing-attention.ts';
import { useInterruptedJobs, useRecentJobs } from '../../../features/jobs/use-job.ts';
import { useWorkspace } from '../../../shell/workspace-context.ts';
import { begunWalks, type BegunWalks } from '../../migrate/begun-walks.ts';
import { keptDraft } from '../../migrate/draft.ts';
import { DRAFT } from '../../migrate/use-wizard.ts';

interface Attention {
  readonly halfWritten: readonly JobView[];
  readonly brokenOff: readonly JobView[];
  readonly failedRuns: readonly FailedRun[];
  /** A walk of the wizard that was left in the middle. */
  readonly begun: BegunWalks | undefined;
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
  const interrupted = useInterruptedJobs();
  const written = useQuery(api.engine.jobs.halfWritten.queryOptions());
  const failures = useQuery({
    ...api.engine.schedules.failures.queryOptions(),
    refetchInterval: LOOK_AGAIN,
  });
  const catalog = useQuery(api.engine.catalog.show.queryOptions());
  const preferences = useQuery(api.preferences.get.queryOptions());
  const { dir } = useWorkspace();
  const newest = recent.data ?? [];
  const older = interrupted.data?.filter(({ id }) => !newest.some((job) => job.id === id)) ?? [];
  const halfWritten = written.data ?? [];
  const errors = [recent, interrupted, written, failures, catalog, preferences].flatMap(({ error }) =>
    error === null ? [] : [asAppError(error)],
  );
  const half = new Set(halfWritten.map(({ id }) => id));
  return {
    halfWritten,
    brokenOff: needingAttention([...newest, ...older]).filter(
      ({ id, state }) => state === 'interrupted' && !half.has(id),
    ),
    failedRuns: failures.data ?? [],
    begun: preferences.data && begunWalks(keptDraft(preferences.data.drafts[DRAFT], dir)),
    lacksRecoveryKey: catalog.data?.recoveryKey === false,
    errors: [...new Map(errors.map((error) => [`${error.code} ${error.message}`, error])).values()],
  };
}
