import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { EnvironmentView, ProbeView } from '../../../contract/environment.ts';
import { useApi, useClient } from '../../client/use-client.tsx';

/**
 * A test of an environment, made when it is asked for and remembered as long as the window is there and the environment
 * is set as it was then.
 */
export function useProbe({ name, api: overApi, postgres, createdAt }: EnvironmentView) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  return useQuery({
    queryKey: [
      ...api.engine.environments.probe.queryKey({ input: { name } }),
      { overApi, postgres, createdAt },
    ],
    async queryFn({ signal }) {
      const found = await client.engine.environments.probe({ name }, { signal });
      // What it found out is remembered with the environment.
      void queries.invalidateQueries({ queryKey: api.engine.environments.list.key() });
      return found;
    },
    enabled: false,
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

/** Has the tests of an environment forgotten: of a secret that was replaced its settings do not tell. */
export function useForgetProbes(): (name: string) => void {
  const api = useApi();
  const queries = useQueryClient();
  return (name) =>
    queries.removeQueries({ queryKey: api.engine.environments.probe.queryKey({ input: { name } }) });
}

/** "Admin API and PostgreSQL" */
export function channelsOf({ api, postgres }: EnvironmentView): string {
  return [api && 'Admin API', postgres && 'PostgreSQL'].filter(Boolean).join(' and ');
}

/** What the servers are, as far as somebody has looked. */
export function serverOf({ lastSeen }: EnvironmentView): string | undefined {
  const { api, serverVersion } = lastSeen ?? {};
  const parts = [
    api && (api.dialect === 'documented' ? 'documented API' : `API of release ${api.dialect}`),
    serverVersion,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** What keeps it from being used; undefined: nothing. */
export function firstFailure({ steps }: ProbeView): string | undefined {
  const step = steps.find(({ verdict }) => verdict === 'failed');
  return step && `${step.name}: ${step.text}`;
}
