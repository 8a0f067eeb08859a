import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { EnvironmentView, ProbeView } from '../../../contract/environment.ts';
import { useApi, useClient } from '../../client/use-client.tsx';

/**
 * A test of an environment, made when it is asked for and remembered as long as the window is there and the environment
 * is set as it was then.
 */
export function useProbe(environment: EnvironmentView) {
  const { name } = environment;
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  return useQuery({
    queryKey: probeKey(api, environment),
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

/**
 * To be called when an environment was stored. Its tests are forgotten, for of a secret that was replaced its settings do not
 * tell; but the one that was made of these very settings, if there was one, is its test from now on.
 */
export function useStoredProbe(): (environment: EnvironmentView, found: ProbeView | undefined) => void {
  const api = useApi();
  const queries = useQueryClient();
  return (environment, found) => {
    const { name } = environment;
    queries.removeQueries({ queryKey: api.engine.environments.probe.queryKey({ input: { name } }) });
    if (found) queries.setQueryData(probeKey(api, environment), found);
  };
}

function probeKey(
  api: ReturnType<typeof useApi>,
  { name, api: overApi, postgres, createdAt }: EnvironmentView,
) {
  return [
    ...api.engine.environments.probe.queryKey({ input: { name } }),
    { overApi, postgres, createdAt },
  ] as const;
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
