import { useState } from 'react';
import type { JobView } from '../../../contract/job.ts';
import { useWatch } from '../../client/use-client.tsx';

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
