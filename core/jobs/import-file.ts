import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { readDocument } from '../formats/document-reader.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { storeCapture } from './capture.ts';
import { fileError } from './file-errors.ts';
import type { JobContext } from './job-context.ts';

export interface ImportFileRequest {
  readonly path: string;
  readonly tags?: readonly string[];
  readonly note?: string;
}

/**
 * Stores an OpenGate export document from a file as a snapshot. A document without a realm gives a snapshot whose realm
 * is "" and which needs a target realm's name wherever it is used.
 *
 * @throws AppError FILE_FAILED, INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, DUPLICATE_KEY, DISK_FULL, CANCELED
 */
export async function importFile(
  job: JobContext,
  snapshots: SnapshotStore,
  request: ImportFileRequest,
): Promise<SnapshotManifest> {
  const name = basename(request.path);
  const reading = readDocument(fileBytes(request.path), { origin: 'file', name, signal: job.signal });
  const capture = {
    batches: reading.batches,
    facts: () => {
      const { kind, realm = '', sections, knows, missing, warnings } = reading.facts();
      return {
        realm,
        channel: 'file' as const,
        dialect: `document (${kind})`,
        sections,
        knows,
        missing,
        warnings,
      };
    },
  };
  const { tags, note } = request;
  return storeCapture(
    job,
    capture,
    snapshots,
    { purpose: 'import', ...(tags && { tags }), note: note ?? `Imported from ${name}` },
    `Reading ${name}`,
  );
}

async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
  } catch (error) {
    throw fileError('read', path, error);
  }
}
