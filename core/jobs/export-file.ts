import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, throwIfAborted } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { writeDocument } from '../formats/document-writer.ts';
import { parseLine } from '../model/exact-json.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { fileError } from './file-errors.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';

export interface ExportFileRequest {
  readonly path: string;
  readonly format: 'opengate' | 'users' | 'roles' | 'clients';
  readonly includeSecrets: boolean;
  /** Replace a file that is there. */
  readonly replace: boolean;
}

/**
 * Writes a snapshot as an OpenGate export document, readable by its owner only. The file appears under its name when it
 * is whole: an interrupted export leaves nothing that could be taken for one.
 *
 * @returns the file's size in bytes
 * @throws AppError FILE_FAILED, DISK_FULL, UNSUPPORTED_BY_ROUTE (the snapshot has not what the format needs), CANCELED
 */
export async function exportFile(
  job: JobContext,
  snapshots: SnapshotStore,
  snapshot: SnapshotManifest,
  request: ExportFileRequest,
): Promise<number> {
  const needed = request.format === 'opengate' ? 'realm' : request.format;
  if (!snapshot.summaries[needed])
    throw new AppError('UNSUPPORTED_BY_ROUTE', `Snapshot ${snapshot.id} does not contain “${needed}”.`, {
      notChanged: 'No file was written.',
      remedy: 'Choose another --format, or another snapshot.',
    });
  if (!request.replace && (await exists(request.path)))
    throw fileError('write', request.path, Object.assign(new Error('exists'), { code: 'EEXIST' }));
  const unfinished = `${request.path}.${snapshot.id}.unfinished`;
  let bytes = 0;
  try {
    const meter = new PhaseMeter(job, `Writing ${request.format} document`, 'bytes');
    const realm = await realmBody(snapshots, snapshot.id);
    const document = writeDocument(
      {
        ...(realm && { realm }),
        sections: (section) =>
          snapshot.summaries[section] && snapshots.read(snapshot.id, section, job.signal),
      },
      { format: request.format, includeSecrets: request.includeSecrets, signal: job.signal },
    );
    await pipeline(
      Readable.from(counted(document)),
      createWriteStream(unfinished, { mode: 0o600, flags: 'w' }),
      {
        signal: job.signal,
      },
    );
    await rename(unfinished, request.path);
    return bytes;

    async function* counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const piece of pieces) {
        bytes += piece.length;
        meter.advance(piece.length);
        yield piece;
      }
    }
  } catch (error) {
    await rm(unfinished, { force: true });
    throwIfAborted(job.signal);
    throw fileError('write', request.path, error);
  }
}

async function realmBody(snapshots: SnapshotStore, snapshot: string) {
  for await (const [record] of snapshots.read(snapshot, 'realm')) if (record) return parseLine(record.line);
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fileError('write', path, error);
  }
}
