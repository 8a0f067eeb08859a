import { isAppError, throwIfAborted, type ErrorCode } from '../../contract/errors.ts';
import type { SnapshotAbout, SnapshotStore } from '../catalog/snapshot-store.ts';
import type { Capture, Connector } from '../connectors/connector.ts';
import type { Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';

export interface CaptureRequest {
  readonly environment: string;
  readonly realm: string;
  readonly purpose: SnapshotManifest['purpose'];
  /** Undefined: all that the route can read. */
  readonly sections?: readonly Section[];
  readonly tags?: readonly string[];
  readonly note?: string;
}

/** What may be read again from the start: the answer broke off, nothing was stored. */
const BROKEN_OFF: ReadonlySet<ErrorCode> = new Set(['CONNECTION_LOST', 'TIMEOUT']);
const ATTEMPTS = 3;

/**
 * Reads a realm from an environment into a snapshot. An answer that breaks off is read again from the start, since the
 * documented export cannot be continued; what had been read of it is thrown away.
 *
 * @throws AppError REALM_NOT_FOUND, the connector's errors, DUPLICATE_KEY, DISK_FULL, CANCELED; then nothing is stored
 */
export async function captureRealm(
  job: JobContext,
  connector: Connector,
  snapshots: SnapshotStore,
  request: CaptureRequest,
): Promise<SnapshotManifest> {
  for (let attempt = 1; ; attempt++) {
    try {
      const capture = connector.capture(request.realm, { sections: request.sections }, job.signal);
      const about = { ...request, complete: request.sections === undefined };
      return await storeCapture(
        job,
        capture,
        snapshots,
        about,
        `Reading ${request.environment}/${request.realm}`,
      );
    } catch (error) {
      throwIfAborted(job.signal);
      if (attempt === ATTEMPTS || !isAppError(error) || !BROKEN_OFF.has(error.code)) throw error;
    }
  }
}

/** Stores whatever delivers batches as one snapshot; leaves nothing behind when it fails. */
export async function storeCapture(
  job: JobContext,
  capture: Capture,
  snapshots: SnapshotStore,
  about: SnapshotAbout,
  phase: string,
): Promise<SnapshotManifest> {
  const writer = snapshots.begin(about);
  try {
    const meter = new PhaseMeter(job, phase, 'records');
    for await (const batch of capture.batches) {
      throwIfAborted(job.signal);
      await writer.add(batch.section, batch.records);
      meter.advance(batch.records.length);
    }
    return await writer.commit(capture.facts(), job.signal);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
