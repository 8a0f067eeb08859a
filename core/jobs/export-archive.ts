import { createHash } from 'node:crypto';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { ageEncrypter, type ArchiveLock } from '../formats/archive/age.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  expectedFiles,
  README_PATH,
  sectionPath,
  type ArchivedFile,
  type ArchivedSnapshot,
  type ArchiveManifest,
  type Expected,
} from '../formats/archive/archive-manifest.ts';
import { README, writeArchive } from '../formats/archive/write-archive.ts';
import { counted } from '../../contract/numbers.ts';
import { AppError } from '../../contract/errors.ts';
import { takenAt } from '../../contract/series.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { Missing, SnapshotManifest } from '../model/snapshot.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { sectionBytes, sectionDigest } from './section-bytes.ts';
import { writeWhole, type WholePlace } from './files/whole-file.ts';

export interface ExportArchiveRequest extends WholePlace {
  /** False: secrets are replaced by their state, and credentials left out. */
  readonly credentials: boolean;
  readonly keys: ArchiveLock | 'none';
}

export interface ExportedArchive {
  /** Size of the file. */
  readonly bytes: number;
  /** Oldest first. */
  readonly snapshots: readonly string[];
  /** Sentences: what the archive has that must be guarded, and what is not in it. */
  readonly notes: readonly string[];
}

/**
 * Writes snapshots into one file that opens without Drawbridge. Each is read twice: first for the sizes and hashes that
 * the manifest, the first file, tells of all others; whereby what is damaged in the catalog is found before anything is
 * written.
 *
 * @throws AppError USAGE (a recipient is none), UNSUPPORTED_BY_ROUTE (nothing is left of a snapshot), CATALOG_DAMAGED,
 *   FILE_FAILED, DISK_FULL, CANCELED
 */
export async function exportArchive(
  job: JobContext,
  snapshots: SnapshotStore,
  chosen: readonly SnapshotManifest[],
  request: ExportArchiveRequest,
): Promise<ExportedArchive> {
  const encrypter = request.keys === 'none' ? undefined : ageEncrypter(request.keys);
  const oldestFirst = chosen
    .filter(({ id }, index) => chosen.findIndex((other) => other.id === id) === index)
    .toSorted((a, b) => Date.parse(takenAt(a)) - Date.parse(takenAt(b)));
  const described = await describe(job, snapshots, oldestFirst, request.credentials);
  const files = expectedFiles(described.manifest);
  if (typeof files === 'string') throw new AppError('INTERNAL', `The archive’s manifest: ${files}.`);
  const bytes = await writeWhole(job, request, 'Writing the archive', async () =>
    writeArchive(described.manifest, files, (file) => content(file), encrypter),
  );
  return {
    bytes,
    snapshots: oldestFirst.map(({ id }) => id),
    notes: notesOn(described.manifest, request),
  };

  function content(file: Expected): AsyncIterable<Buffer> {
    if (file.holds === 'readme') return readme();
    const snapshot = described.stored.get(file.snapshot.id)!;
    const which = { snapshot, section: file.section, redacted: !request.credentials };
    return sectionBytes(snapshots, which, job.signal);
  }
}

async function* readme(): AsyncGenerator<Buffer> {
  yield README_BYTES;
}

const README_BYTES = Buffer.from(README);

interface Described {
  readonly manifest: ArchiveManifest;
  /** The catalog's id of each snapshot, by that in the archive. */
  readonly stored: ReadonlyMap<string, string>;
}

async function describe(
  job: JobContext,
  snapshots: SnapshotStore,
  chosen: readonly SnapshotManifest[],
  credentials: boolean,
): Promise<Described> {
  const total = chosen.reduce((sum, one) => sum + recordsOf(one), 0);
  const meter = new PhaseMeter(job, 'Proving what is exported', 'records', total);
  const files: ArchivedFile[] = [
    {
      path: README_PATH,
      bytes: README_BYTES.length,
      sha256: createHash('sha256').update(README_BYTES).digest('hex'),
    },
  ];
  const stored = new Map<string, string>();
  const archived: ArchivedSnapshot[] = [];
  const taken = new Set(chosen.map(({ id }) => id));
  for (const snapshot of chosen) {
    const entry = archivedSnapshot(snapshot, taken, credentials);
    if (entry.sections.length === 0) throw nothingLeft(snapshot);
    taken.add(entry.id);
    stored.set(entry.id, snapshot.id);
    for (const { section, records, path } of entry.sections) {
      const which = { snapshot: snapshot.id, section, redacted: !credentials };
      files.push({ path, ...(await sectionDigest(snapshots, which, job.signal)) });
      meter.advance(records);
    }
    archived.push(entry);
  }
  const manifest: ArchiveManifest = {
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    createdAt: new Date().toISOString(),
    createdBy: 'Drawbridge',
    snapshots: archived,
    files,
  };
  return { manifest, stored };
}

function nothingLeft({ id }: SnapshotManifest): AppError {
  return new AppError('UNSUPPORTED_BY_ROUTE', `Without its credentials nothing is left of snapshot ${id}.`, {
    notChanged: 'No file was written.',
    remedy: 'Leave it out, or write the archive with credentials.',
    details: { snapshot: id },
  });
}

function recordsOf({ summaries }: SnapshotManifest): number {
  return SECTIONS.reduce((sum, section) => sum + (summaries[section]?.count ?? 0), 0);
}

function archivedSnapshot(
  snapshot: SnapshotManifest,
  taken: ReadonlySet<string>,
  credentials: boolean,
): ArchivedSnapshot {
  const { realm, channel, dialect, serverVersion, window, inconsistent, retries } = snapshot;
  // What came in an archive goes on as what it was: a copy of a copy is known to be the same. Not beside that itself.
  const original =
    snapshot.archived && !taken.has(snapshot.archived.snapshot) ? snapshot.archived : undefined;
  const id = original?.snapshot ?? snapshot.id;
  const environment = snapshot.archived?.environment ?? snapshot.environment;
  const { purpose, startedAt, finishedAt } = snapshot.archived ?? snapshot;
  const sections = SECTIONS.filter(
    (section) => snapshot.summaries[section] && (credentials || section !== 'credentials'),
  );
  const lacked = credentials ? [] : leftOut(snapshot);
  return {
    id,
    realm,
    ...(environment !== undefined && { environment }),
    purpose,
    startedAt,
    finishedAt,
    channel,
    dialect,
    ...(serverVersion !== undefined && { serverVersion }),
    ...(window && { window: { ...window } }),
    ...(inconsistent !== undefined && { inconsistent }),
    ...(retries !== undefined && { retries }),
    ...(snapshot.pseudonymized && { pseudonymized: { ...snapshot.pseudonymized } }),
    complete: snapshot.complete && lacked.length === 0,
    knows: Object.fromEntries(sections.map((section) => [section, knownOf(snapshot, section, credentials)])),
    missing: [...snapshot.missing, ...lacked].map((missing) => ({ ...missing })),
    warnings: [...snapshot.warnings],
    tags: [...snapshot.tags],
    ...(snapshot.note !== undefined && { note: snapshot.note }),
    sections: sections.map((section) => ({
      section,
      records: snapshot.summaries[section]!.count,
      path: sectionPath(id, section),
    })),
  };
}

/** Without credentials a client's secret that is not there says nothing. */
function knownOf({ knows }: SnapshotManifest, section: Section, credentials: boolean): string[] {
  return [...(knows[section] ?? [])].filter((member) => credentials || !SECRET_MEMBERS.has(member));
}

const SECRET_MEMBERS: ReadonlySet<string> = new Set(['secretHash', 'clientSecret', 'password']);

function leftOut({ summaries, missing }: SnapshotManifest): Missing[] {
  const isSaid = (section: Section, member?: string) =>
    missing.some((one) => one.section === section && one.member === member);
  const reason = 'Left out of the archive: it was written without credentials.';
  return [
    ...(summaries.credentials ? [{ section: 'credentials' as const, reason }] : []),
    ...(summaries.clients && !isSaid('clients', 'secretHash')
      ? [{ section: 'clients' as const, member: 'secretHash', reason }]
      : []),
  ];
}

function holdsUsers({ sections }: ArchivedSnapshot): boolean {
  return sections.some(({ section, records }) => section === 'users' && records > 0);
}

function notesOn({ snapshots }: ArchiveManifest, { keys, credentials }: ExportArchiveRequest): string[] {
  const count = (section: Section) =>
    snapshots.reduce(
      (sum, { sections }) => sum + (sections.find((one) => one.section === section)?.records ?? 0),
      0,
    );
  const hashes = count('credentials');
  const real = snapshots.filter(({ pseudonymized }) => !pseudonymized);
  const copies = snapshots.flatMap(({ pseudonymized }) => pseudonymized ?? []);
  const contents = [
    ...(real.some(holdsUsers) ? ['personal data'] : []),
    ...(hashes > 0 ? [counted(hashes, 'password hash', 'password hashes')] : []),
    ...(credentials && real.length > 0
      ? ['the hashes of client secrets and passwords of mail servers, as far as they are known']
      : []),
    // A copy has no other secrets than those that it was given.
    ...(credentials && copies.some(({ clientSecrets }) => clientSecrets === 'replaced')
      ? ['the hash of the client secret that was given for its pseudonymised copies']
      : []),
  ];
  return [
    ...(contents.length > 0
      ? [`The archive holds ${contents.join(', ')}: guard it as you guard those.`]
      : []),
    ...(keys === 'none'
      ? ['It is not encrypted: whoever can read the file can read all of it.']
      : 'passphrase' in keys
        ? ['It opens with its passphrase only, which is not the catalog’s and is kept nowhere.']
        : []),
    ...(credentials
      ? []
      : ['Secrets are left out: what is restored from it keeps those that the target has.']),
  ];
}
