import { useState } from 'react';
import type { JobView } from '../../contract/job.ts';
import { useWatch } from '../client/use-client.tsx';

const UNDER_WAY: ReadonlySet<JobView['state']> = new Set(['queued', 'running', 'canceling']);

export function isUnderWay({ state }: Pick<JobView, 'state'>): boolean {
  return UNDER_WAY.has(state);
}

/**
 * Follows a job to its last state; undefined: none.
 *
 * @returns `followAgain`: to be called when a job that had come to an end was resumed
 */
export function useJob(id: string | undefined): {
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
