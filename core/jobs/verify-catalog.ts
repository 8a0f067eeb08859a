import type { Catalog } from '../catalog/index.ts';
import type { VerifyReport } from '../catalog/snapshot-store.ts';
import type { JobContext } from './job-context.ts';

/** Proves every byte of one snapshot; or of everything that the catalog keeps. */
export function verifyCatalog(
  job: JobContext,
  catalog: Catalog,
  snapshot: string | undefined,
): Promise<VerifyReport> {
  const options = {
    signal: job.signal,
    onListed: ({ snapshots, of }: { snapshots: number; of: number }) =>
      job.progress({ phase: 'Reading what each snapshot lists', done: snapshots, of, unit: 'snapshots' }),
    onProgress: ({ chunks, of }: { chunks: number; of: number }) =>
      job.progress({ phase: 'Verifying', done: chunks, of, unit: 'chunks' }),
  };
  return snapshot === undefined ? catalog.verify(options) : catalog.snapshots.verify(snapshot, options);
}
