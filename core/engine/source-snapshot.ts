import { AppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import { VariableExpander } from '../formats/document-variables.ts';
import { captureRealm } from '../jobs/capture.ts';
import { importFile } from '../jobs/import-file.ts';
import type { JobContext } from '../jobs/job-context.ts';
import { watchRealm } from '../jobs/realm-watch.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { withConnector } from './connections.ts';
import type { FileReading } from './file-reading.ts';
import { parseSource } from './source.ts';

/**
 * Whatever a person named as a source, as a snapshot: a stored one is looked up, a live realm captured, a file imported.
 *
 * @throws AppError USAGE, NOT_FOUND, AMBIGUOUS; what capturing or importing throws
 */
export async function sourceSnapshot(
  catalog: Catalog,
  job: JobContext,
  text: string,
  { variables, nameOfFile }: FileReading,
): Promise<SnapshotManifest> {
  const known = new Set(catalog.environments.list().map(({ name }) => name));
  const source = parseSource(text, (name) => known.has(name));
  switch (source.kind) {
    case 'snapshot':
      return catalog.snapshots.get(source.id);
    case 'latest':
      return latestSnapshot(catalog, source.environment, source.realm);
    case 'file':
      return importFile(job, catalog.snapshots, {
        path: source.path,
        name: nameOfFile(source.path),
        variables: variables && new VariableExpander(variables),
      });
    case 'live':
      return withConnector(catalog, source.environment, (connector, environment) =>
        captureRealm(job, connector, catalog.snapshots, {
          environment,
          realm: source.realm,
          purpose: 'target',
          watch: watchRealm(job.signal, catalog, connector, { environment, realm: source.realm }),
        }),
      );
  }
}

/** @throws AppError NOT_FOUND when the realm has no whole snapshot */
export function latestSnapshot(catalog: Catalog, environment: string, realm: string): SnapshotManifest {
  const latest = catalog.snapshots.latest(environment, realm);
  if (latest) return latest;
  throw new AppError('NOT_FOUND', `There is no whole snapshot of ${environment}/${realm}.`, {
    notChanged: 'Nothing was read.',
    remedy: `Take one: drawbridge backup ${environment} ${realm}. What there is: drawbridge snapshot list.`,
  });
}
