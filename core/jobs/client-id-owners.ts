import { isAppError, throwIfAborted } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { Connector } from '../connectors/connector.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { JobContext } from './job-context.ts';

/**
 * Which client ids of the source another realm of the target's server owns: client ids are unique over all realms of a
 * server (OpenGate v1.1.0, `oauth_clients.client_id`), which a look at the target realm alone does not show.
 *
 * Bounded by the number of the source's clients. A realm whose clients may not be read is passed over.
 */
export async function clientIdOwners(
  job: JobContext,
  catalog: { readonly snapshots: SnapshotStore },
  connector: Connector,
  request: { source: SnapshotManifest; environment: string; realm: string },
): Promise<Record<string, string>> {
  const wanted = new Set<string>();
  for await (const records of catalog.snapshots.read(request.source.id, 'clients', job.signal))
    for (const { key } of records) wanted.add(key);
  const owners: Record<string, string> = {};
  if (wanted.size === 0) return owners;
  for await (const realm of connector.listRealms(job.signal)) {
    if (realm.name === request.realm) continue;
    throwIfAborted(job.signal);
    job.progress({
      phase: `Looking at the clients of ${request.environment}/${realm.name}`,
      done: 0,
      unit: 'realms',
    });
    try {
      const capture = connector.capture(realm.name, { sections: ['clients'] }, job.signal);
      for await (const { section, records } of capture.batches) {
        if (section !== 'clients') continue;
        for (const { key } of records) if (wanted.has(key)) owners[key] = realm.name;
      }
    } catch (error) {
      // A realm that was deleted meanwhile owns nothing; one that may not be read cannot be judged, and the server will.
      if (!isAppError(error, 'REALM_NOT_FOUND') && !isAppError(error, 'FORBIDDEN')) throw error;
    }
  }
  return owners;
}
