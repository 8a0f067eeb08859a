import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useApi } from '../client/use-client.tsx';

/**
 * Takes what the engine told of a catalog out of this window's memory when it is locked or another one is looked at.
 *
 * @param catalog the folder of the one that is open
 * @returns whether nothing of an earlier one is left: only then may anything be drawn that shows what is remembered
 */
export function useForgetting(catalog: string | undefined): boolean {
  const api = useApi();
  const queries = useQueryClient();
  const [held, setHeld] = useState(catalog);
  useEffect(() => {
    if (held === catalog) return;
    queries.removeQueries({ queryKey: api.engine.key() });
    const mutations = queries.getMutationCache();
    for (const mutation of mutations.findAll({ mutationKey: api.engine.key() })) mutations.remove(mutation);
    // They name realms and records.
    notifications.clean();
    // Not before: what is drawn in between would still be what is remembered.
    // oxlint-disable-next-line react/set-state-in-effect
    setHeld(catalog);
  }, [api, queries, catalog, held]);
  return held === catalog;
}
