import { useEffect, useRef, useState } from 'react';
import type { JobProgress } from '../../../contract/job.ts';
import type { RepairView } from '../../../contract/maintenance.ts';
import { isAppError } from '../../../contract/errors.ts';
import { asAppError } from '../../../contract/wire.ts';
import { useClient } from '../../client/use-client.tsx';

interface Asked {
  readonly to?: string;
  readonly dryRun: boolean;
  readonly key: { passphrase: string } | { recoveryKey: string } | undefined;
}

interface Repair {
  readonly working: boolean;
  readonly progress: JobProgress | undefined;
  readonly result: RepairView | undefined;
  readonly error: unknown;
}

const IDLE: Repair = { working: false, progress: undefined, result: undefined, error: undefined };

/** A repair as it goes on. It ends when the component goes away. */
export function useRepair(): Repair & { start: (asked: Asked) => void; cancel: () => void } {
  const client = useClient();
  const [state, setState] = useState(IDLE);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const run = async ({ key, ...asked }: Asked, signal: AbortSignal): Promise<void> => {
    setState({ ...IDLE, working: true });
    try {
      const input = { ...asked, ...(key && { key }) };
      for await (const event of await client.maintenance.repair(input, { signal }))
        setState((before) => ({ ...before, ...event }));
      setState((before) => ({ ...before, working: false, progress: undefined }));
    } catch (thrown) {
      const error = asAppError(thrown);
      const canceled = signal.aborted || isAppError(error, 'CANCELED');
      setState({ ...IDLE, error: canceled ? undefined : error });
    }
  };
  return {
    ...state,
    start: (asked) => {
      running.current?.abort();
      running.current = new AbortController();
      void run(asked, running.current.signal);
    },
    cancel: () => running.current?.abort(),
  };
}
