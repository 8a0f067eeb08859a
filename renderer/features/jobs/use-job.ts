import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobView } from '../../../contract/job.ts';
import { useApi, useRefresh, useWatch } from '../../client/use-client.tsx';

/** Whether somebody is at work on it, or is about to be. */
export function isUnderWay({ state }: Pick<JobView, 'state'>): boolean {
  return state === 'queued' || state === 'running' || state === 'canceling';
}

/**
 * Follows a job to its last state; undefined: none.
 *
 * @returns `followAgain`: to be called when a job that had come to an end was resumed
 */
export function useFollowedJob(id: string | undefined): {
  readonly job: JobView | undefined;
  readonly error: unknown;
  readonly followAgain: () => void;
} {
  const [round, setRound] = useState(0);
  const { latest, error } = useWatch(`job ${id ?? ''} ${round}`, async (client, signal) =>
    id === undefined ? nothing() : client.engine.jobs.watch({ job: id }, { signal }),
  );
  return { job: latest, error, followAgain: () => setRound((before) => before + 1) };
}

async function* nothing(): AsyncGenerator<JobView> {}

/** How often the list is looked at for jobs that began elsewhere: a schedule, the command line. Milliseconds. */
const LOOK_AGAIN = 3_000;

/** The newest jobs. */
export function useRecentJobs() {
  const api = useApi();
  return useQuery({
    ...api.engine.jobs.list.queryOptions({ input: { limit: 50 } }),
    refetchInterval: LOOK_AGAIN,
  });
}

/** The newest of those that can be gone on with, however many have come since. */
export function useInterruptedJobs() {
  const api = useApi();
  return useQuery({
    ...api.engine.jobs.list.queryOptions({ input: { limit: 50, states: ['interrupted'] } }),
    refetchInterval: LOOK_AGAIN,
  });
}

export function useCancel() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation(api.engine.jobs.cancel.mutationOptions({ onSettled: refresh }));
}

export function useResume() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation(api.engine.jobs.resume.mutationOptions({ onSettled: refresh }));
}
