import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import type { AppClient, Connection, ConnectionState } from './connection.ts';
import type { WindowHost } from './host.ts';

interface Around {
  readonly client: AppClient;
  readonly host: WindowHost;
  readonly connection: ConnectionState;
}

const AroundContext = createContext<Around | undefined>(undefined);

const queryClient = new QueryClient({
  defaultOptions: {
    // The engine is on this computer: what it refuses once it refuses again, and it says why.
    queries: { retry: false, refetchOnWindowFocus: true, staleTime: 1_000, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

/** What every screen uses: the engine's client and the host. Its children are drawn once there is a connection. */
export function ClientProvider({
  connection,
  host,
  waiting,
  children,
}: {
  connection: Connection;
  host: WindowHost;
  waiting: ReactNode;
  children: ReactNode;
}) {
  const state = useSyncExternalStore(connection.subscribe, connection.state);
  const times = state.state === 'connected' ? state.times : 0;
  useEffect(() => {
    // What was on the screen is of an engine that is gone.
    if (times > 1) void queryClient.invalidateQueries();
  }, [times]);
  const around = useMemo(
    () => (state.state === 'connecting' ? undefined : { client: state.client, host, connection: state }),
    [state, host],
  );
  return (
    <QueryClientProvider client={queryClient}>
      {around ? <AroundContext value={around}>{children}</AroundContext> : waiting}
    </QueryClientProvider>
  );
}

function useAround(): Around {
  const around = useContext(AroundContext);
  if (!around) throw new Error('There is no ClientProvider around this component.');
  return around;
}

export function useClient(): AppClient {
  return useAround().client;
}

export function useHost(): WindowHost {
  return useAround().host;
}

export function useConnection(): ConnectionState {
  return useAround().connection;
}

/** Options for `useQuery` and `useMutation`, by the names of the contract: `api.engine.snapshots.list.queryOptions()`. */
export function useApi() {
  const client = useClient();
  return useMemo(() => createTanstackQueryUtils(client), [client]);
}

/**
 * Follows one of the engine's event iterators: undefined until the first event; begins again after a lost connection.
 *
 * @param start is called anew when `key` changes; must take the signal
 */
export function useWatch<T>(
  key: string,
  start: (client: AppClient, signal: AbortSignal) => Promise<AsyncIterable<T>>,
): { readonly latest: T | undefined; readonly error: unknown } {
  const client = useClient();
  const [seen, setSeen] = useState<{ key: string; latest: T | undefined; error: unknown }>();
  useEffect(() => {
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      try {
        for await (const latest of await start(client, stop.signal)) {
          if (stop.signal.aborted) return;
          setSeen({ key, latest, error: undefined });
        }
      } catch (error) {
        if (!stop.signal.aborted)
          setSeen((before) => ({ key, latest: before?.key === key ? before.latest : undefined, error }));
      }
    };
    void follow();
    return () => stop.abort();
    // `start` is written anew at each drawing; `key` says whether it means something else.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [client, key]);
  return seen?.key === key ? seen : { latest: undefined, error: undefined };
}

/** Has everything that is shown asked for again: after something was changed that many screens show. */
export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries();
}
