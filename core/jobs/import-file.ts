import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError, isAppError } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { readDocument } from '../formats/document-reader.ts';
import type { VariableExpander } from '../formats/document-variables.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { storeCapture } from './capture.ts';
import { inputBytes } from './files/input-bytes.ts';
import type { JobContext } from './job-context.ts';

export interface ImportFileRequest {
  readonly path: string;
  /** What it is called, where its path does not tell. */
  readonly name?: string | undefined;
  readonly tags?: readonly string[];
  readonly note?: string;
  /** Not given: `${…}` in the file is text like any other. */
  readonly variables?: VariableExpander | undefined;
}

/**
 * Stores an OpenGate export document from a file as a snapshot. A document without a realm gives a snapshot whose realm
 * is "" and which needs a target realm's name wherever it is used.
 *
 * @throws AppError FILE_FAILED, INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, DUPLICATE_KEY, VARIABLE_UNDEFINED, DISK_FULL,
 *   CANCELED
 */
export async function importFile(
  job: JobContext,
  snapshots: SnapshotStore,
  request: ImportFileRequest,
): Promise<SnapshotManifest> {
  const { name = basename(request.path), variables } = request;
  const reading = readDocument(inputBytes(request.path, job.signal), {
    origin: 'file',
    name,
    signal: job.signal,
    variables,
  });
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
  const about = { purpose: 'import' as const, ...(tags && { tags }), note: note ?? `Imported from ${name}` };
  try {
    return await storeCapture(job, capture, snapshots, about, `Reading ${name}`);
  } catch (error) {
    if (isAppError(error, 'DUPLICATE_KEY')) throw await withPlaces(error, request, job.signal);
    throw error;
  }
}

/**
 * Two records of one key are noticed when they are sorted, far from where they stood: the document is read once more to
 * say where that is.
 */
async function withPlaces(
  error: AppError,
  { path, name = basename(path), variables }: ImportFileRequest,
  signal: AbortSignal,
): Promise<AppError> {
  // A pipe gives what it has but once.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return error;
  const { section, key } = error.details;
  const places: string[] = [];
  let index = 0;
  const options = { origin: 'file' as const, signal, variables };
  for await (const batch of readDocument(inputBytes(path, signal), options).batches) {
    if (batch.section !== section) continue;
    for (const record of batch.records) {
      if (record.key === key) places.push(`${batch.section}[${index}]`);
      index++;
    }
    if (places.length >= 2) break;
  }
  return new AppError(error.code, `${name}: ${error.message} They are ${places.join(' and ')}.`, {
    notChanged: error.notChanged,
    remedy: error.remedy,
    details: { ...error.details, document: name, paths: places },
    cause: error,
  });
}
