import { useMutation } from '@tanstack/react-query';
import type { PracticeView } from '../../../contract/workspace.ts';
import { useApi, useRefresh, useWatch } from '../../client/use-client.tsx';

export interface PracticeOptions {
  readonly dialect: 'documented' | 'v1.1';
  readonly users: number;
}

/**
 * The sandbox of this program: what it is doing, and how it is started and ended.
 *
 * @param onError told of it as well, where `error` is not drawn
 */
export function usePractice({ onError }: { onError?: (error: unknown) => void } = {}): {
  readonly view: PracticeView | undefined;
  readonly start: (options?: PracticeOptions) => void;
  readonly stop: () => void;
  readonly stopping: boolean;
  /** Why it did not start or end, or why nothing is known of it. */
  readonly error: unknown;
} {
  const api = useApi();
  const refresh = useRefresh();
  const { latest: view, error: unseen } = useWatch('practice', (client, signal) =>
    client.practice.watch(undefined, { signal }),
  );
  const start = useMutation(api.practice.start.mutationOptions({ onError }));
  const stop = useMutation(api.practice.stop.mutationOptions({ onError, onSettled: refresh }));
  return {
    view,
    start: (options) => {
      stop.reset();
      start.mutate(options ?? {});
    },
    stop: () => {
      start.reset();
      stop.mutate(undefined);
    },
    stopping: stop.isPending,
    error: start.error ?? stop.error ?? view?.error ?? (view ? undefined : unseen),
  };
}
