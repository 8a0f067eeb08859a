import { SECTION_WORDS } from '../../contract/sections.ts';
import { counted } from '../../contract/numbers.ts';
import { AppError } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { writeDocument, writtenSections } from '../formats/document-writer.ts';
import { parseLine } from '../model/exact-json.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { clientSecretState } from '../model/secret.ts';
import { SECTIONS } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { JobContext } from './job-context.ts';
import { writeWhole, type WholePlace } from './files/whole-file.ts';

export interface ExportFileRequest extends WholePlace {
  readonly format: 'opengate' | 'users' | 'roles' | 'clients';
  readonly includeSecrets: boolean;
}

export interface ExportedFile {
  /** Size of the file. */
  readonly bytes: number;
  /** Sentences: what the snapshot has and the file has not, and what the snapshot does not contain itself. */
  readonly notes: readonly string[];
}

/**
 * Writes a snapshot as an OpenGate export document, readable by its owner only. The file appears under its name when it
 * is whole: an interrupted export leaves nothing that could be taken for one.
 *
 * @returns the file's size in bytes, and what of the snapshot is not in it
 * @throws AppError FILE_FAILED, DISK_FULL, UNSUPPORTED_BY_ROUTE (the snapshot has not what the format needs), CANCELED
 */
export async function exportFile(
  job: JobContext,
  snapshots: SnapshotStore,
  snapshot: SnapshotManifest,
  request: ExportFileRequest,
): Promise<ExportedFile> {
  const needed = request.format === 'opengate' ? 'realm' : request.format;
  if (!snapshot.summaries[needed])
    throw new AppError('UNSUPPORTED_BY_ROUTE', `Snapshot ${snapshot.id} does not contain “${needed}”.`, {
      notChanged: 'No file was written.',
      remedy: 'Choose another --format, or another snapshot.',
    });
  let leftSecrets = 0;
  const bytes = await writeWhole(job, request, `Writing ${request.format} document`, async () => {
    const realm = await realmBody(snapshots, snapshot.id);
    return writeDocument(
      {
        ...(realm && { realm }),
        sections(section) {
          const records = snapshot.summaries[section] && snapshots.read(snapshot.id, section, job.signal);
          if (!records || section !== 'clients' || request.includeSecrets) return records;
          return countingSecrets(records, () => leftSecrets++);
        },
      },
      { format: request.format, includeSecrets: request.includeSecrets, signal: job.signal },
    );
  });
  return { bytes, notes: notesOn(snapshot, request, leftSecrets) };
}

/** What the snapshot has and the file has not, by number; then what the snapshot does not contain itself. */
function notesOn(snapshot: SnapshotManifest, request: ExportFileRequest, leftSecrets: number): string[] {
  const written = writtenSections(request);
  const left = SECTIONS.filter((section) => !written.includes(section))
    .map((section) => ({ section, count: snapshot.summaries[section]?.count ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ section, count }) => counted(count, ...SECTION_WORDS[section]));
  const notes = left.length > 0 ? [`In the snapshot, but not in the file: ${left.join(', ')}.`] : [];
  if (leftSecrets > 0)
    notes.push(
      `The file is without the ${counted(leftSecrets, 'secret of a client', 'secrets of clients')}.`,
    );
  const withheld =
    !request.includeSecrets && written.includes('users') && snapshot.summaries.credentials?.count;
  if (withheld || leftSecrets > 0)
    notes.push('Passwords and secrets, as hashes, are written with --include-secrets only.');
  return [...new Set([...notes, ...snapshot.missing.map(({ reason }) => reason)])];
}

async function* countingSecrets(
  clients: AsyncIterable<readonly CanonicalRecord[]>,
  found: () => void,
): AsyncGenerator<readonly CanonicalRecord[]> {
  for await (const batch of clients) {
    for (const { line } of batch) if (clientSecretState(parseLine(line)) === 'present') found();
    yield batch;
  }
}

async function realmBody(snapshots: SnapshotStore, snapshot: string) {
  for await (const [record] of snapshots.read(snapshot, 'realm')) if (record) return parseLine(record.line);
  return undefined;
}
