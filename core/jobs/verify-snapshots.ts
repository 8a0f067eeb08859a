import type { SnapshotStore, VerifyReport } from '../catalog/snapshot-store.ts';
import type { JobContext } from './job-context.ts';

/** Proves every byte of one snapshot, or of all. */
export function verifySnapshots(
  job: JobContext,
  snapshots: SnapshotStore,
  snapshot: string | undefined,
): Promise<VerifyReport> {
  return snapshots.verify(snapshot, {
    signal: job.signal,
    onProgress: ({ chunks, of }) => job.progress({ phase: 'Verifying', done: chunks, of, unit: 'chunks' }),
  });
}
