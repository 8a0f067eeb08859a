import { isAppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { VerifyReport } from '../catalog/snapshot-store.ts';
import type { JobContext } from './job-context.ts';

/**
 * Proves every byte of one snapshot; or of all, and with them everything else that the catalog keeps: the database's own
 * structure, environments, plans, jobs and their journals. What is sealed is proved by being opened.
 */
export async function verifyCatalog(
  job: JobContext,
  catalog: Catalog,
  snapshot: string | undefined,
): Promise<VerifyReport> {
  const report = await catalog.snapshots.verify(snapshot, {
    signal: job.signal,
    onProgress: ({ chunks, of }) => job.progress({ phase: 'Verifying', done: chunks, of, unit: 'chunks' }),
  });
  if (snapshot !== undefined) return report;
  const damaged = [
    () => catalog.checkIntegrity(),
    () => openEnvironments(catalog),
    () => catalog.plans.list(),
    () => openJobs(catalog),
  ].flatMap(damageFoundBy);
  return { ...report, damaged: [...report.damaged, ...damaged.map((text) => ({ snapshot: '', text }))] };
}

function openEnvironments({ environments }: Catalog): void {
  for (const { name } of environments.list()) environments.secrets(name);
}

function openJobs({ jobs }: Catalog): void {
  for (const { id } of jobs.list()) {
    for (const _ of jobs.steps(id));
    for (const _ of jobs.failures(id));
  }
}

function damageFoundBy(look: () => unknown): string[] {
  try {
    look();
    return [];
  } catch (error) {
    if (isAppError(error, 'CATALOG_DAMAGED')) return [error.message];
    throw error;
  }
}
