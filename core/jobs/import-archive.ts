import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { SnapshotStore, SnapshotWriter } from '../catalog/snapshot-store.ts';
import type { ArchiveKeys } from '../formats/archive/age.ts';
import { ARCHIVE_HEAD_BYTES, isArchive } from '../formats/archive/archive-beginning.ts';
import { archiveRefused } from '../formats/archive/archive-errors.ts';
import type { ArchivedSnapshot, ArchiveManifest } from '../formats/archive/archive-manifest.ts';
import { readArchive, type ArchiveVisitor } from '../formats/archive/read-archive.ts';
import type { CaptureFacts, Pseudonymized, SnapshotManifest } from '../model/snapshot.ts';
import { fileError } from './files/file-errors.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { sectionDigest } from './section-bytes.ts';

export interface ImportArchiveRequest {
  readonly path: string;
  /** What it is called, where its path does not tell. */
  readonly name?: string | undefined;
  readonly tags?: readonly string[];
  readonly keys?: ArchiveKeys | undefined;
}

export interface ImportedArchive {
  /** What was stored, oldest first. */
  readonly stored: readonly SnapshotManifest[];
  readonly alreadyThere: readonly AlreadyThere[];
}

export interface AlreadyThere {
  /** Its id in the archive. */
  readonly archived: string;
  readonly snapshot: SnapshotManifest;
  readonly trashed: boolean;
}

/**
 * Whether a file is an archive, by its first bytes. A pipe never is: an archive is read twice.
 *
 * @throws AppError FILE_FAILED
 */
export async function isArchiveFile(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    await using file = await open(path, 'r');
    const head = Buffer.alloc(ARCHIVE_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return isArchive(head.subarray(0, bytesRead));
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/**
 * Stores the snapshots of an archive that are not in the catalog yet. It is read twice: once to prove all of it, and only
 * then to store, each snapshot visible when it was proved again. So nothing is stored of an archive that is cut off or
 * changed in any place.
 *
 * They come as imported files, not as backups of the environment whose name they tell: that may be another one here, and
 * whoever wrote the archive must not decide what `latest:` is.
 *
 * @throws AppError FILE_FAILED, INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, PASSPHRASE_NEEDED, WRONG_KEY, USAGE (an identity is
 *   none), DISK_FULL, CANCELED
 */
export async function importArchive(
  job: JobContext,
  snapshots: SnapshotStore,
  { path, name = basename(path), tags = [], keys = {} }: ImportArchiveRequest,
): Promise<ImportedArchive> {
  await using file = await opened(path);
  const { size } = await file.stat();
  const read = (phase: string, visitor: ArchiveVisitor): Promise<ArchiveManifest> => {
    const meter = new PhaseMeter(job, phase, 'bytes', size);
    const options = { name, keys, signal: job.signal };
    return readArchive(bytesOf(path, file, meter), options, visitor);
  };
  const manifest = await read('Proving the archive', {});
  if (manifest.snapshots.every(({ sections }) => sections.length === 0))
    throw archiveRefused(name, 'there is no record of any realm in it', {
      remedy: 'Export it anew: credentials alone, left out of an archive without credentials, leave nothing.',
    });
  const alreadyThere = await thoseThere(job, snapshots, manifest);
  const known = new Set(alreadyThere.map(({ archived }) => archived));
  const stored: SnapshotManifest[] = [];
  if (known.size < manifest.snapshots.length) {
    const storing = storingVisitor(job, snapshots, { manifest, known, tags, name }, stored);
    try {
      await read('Storing the archive', storing.visitor);
    } catch (error) {
      throw stored.length === 0 ? error : withStored(error, stored, manifest);
    } finally {
      await storing.abort();
    }
  }
  return { stored, alreadyThere };
}

interface Storing {
  readonly manifest: ArchiveManifest;
  readonly known: ReadonlySet<string>;
  readonly tags: readonly string[];
  readonly name: string;
}

function storingVisitor(
  job: JobContext,
  snapshots: SnapshotStore,
  { manifest, known, tags, name }: Storing,
  stored: SnapshotManifest[],
): { visitor: ArchiveVisitor; abort(): Promise<void> } {
  const proved = JSON.stringify(manifest);
  let writer: SnapshotWriter | undefined;
  const visitor: ArchiveVisitor = {
    manifest(again) {
      if (JSON.stringify(again) !== proved)
        throw archiveRefused(name, 'it was changed while it was being read');
    },
    async records({ snapshot, section }, batches) {
      if (known.has(snapshot.id)) return;
      writer ??= snapshots.begin({
        purpose: 'import',
        complete: snapshot.complete,
        realm: snapshot.realm,
        tags: [...snapshot.tags, ...tags],
        note: snapshot.note ?? `From the archive ${name}`,
      });
      for await (const records of batches) await writer.addOrdered(section, records);
    },
    async proved(snapshot) {
      if (!writer) return;
      stored.push(await writer.commit(factsOf(snapshot), job.signal));
      writer = undefined;
    },
  };
  return { visitor, abort: async () => writer?.abort() };
}

function factsOf(snapshot: ArchivedSnapshot): CaptureFacts {
  const { pseudonymized } = snapshot;
  const { realm, channel, dialect, serverVersion, window, inconsistent, retries, warnings } = snapshot;
  const { id, environment, purpose, startedAt, finishedAt } = snapshot;
  return {
    realm,
    channel,
    dialect,
    ...(serverVersion !== undefined && { serverVersion }),
    sections: snapshot.sections.map(({ section }) => section),
    knows: snapshot.knows,
    missing: snapshot.missing.map(({ section, member, reason }) => ({
      section,
      ...(member !== undefined && { member }),
      reason,
    })),
    ...(window && { window }),
    ...(inconsistent !== undefined && { inconsistent }),
    ...(retries !== undefined && { retries }),
    archived: {
      snapshot: id,
      ...(environment !== undefined && { environment }),
      purpose,
      startedAt,
      finishedAt,
    },
    ...(pseudonymized && { pseudonymized: pseudonymizedFact(pseudonymized) }),
    warnings,
  };
}

function pseudonymizedFact({
  environment,
  ...facts
}: NonNullable<ArchivedSnapshot['pseudonymized']>): Pseudonymized {
  return { ...facts, ...(environment !== undefined && { environment }) };
}

/**
 * What the archive has that is here already: of the same id and realm, and the same bytes, which are compared by their
 * hashes. (A root could not tell: it is made with the key of its catalog.)
 */
async function thoseThere(
  job: JobContext,
  snapshots: SnapshotStore,
  manifest: ArchiveManifest,
): Promise<AlreadyThere[]> {
  const here = [false, true].flatMap((trashed) =>
    snapshots.list({ trash: trashed }).map((snapshot) => ({ snapshot, trashed })),
  );
  const found: AlreadyThere[] = [];
  for (const entry of manifest.snapshots)
    for (const one of here) {
      if (!isNamed(one.snapshot, entry) || !(await isSame(job, snapshots, one.snapshot, entry, manifest)))
        continue;
      found.push({ archived: entry.id, ...one });
      break;
    }
  return found;
}

function isNamed(snapshot: SnapshotManifest, { id, realm }: ArchivedSnapshot): boolean {
  return snapshot.realm === realm && (snapshot.id === id || snapshot.archived?.snapshot === id);
}

async function isSame(
  job: JobContext,
  snapshots: SnapshotStore,
  { id, sections }: SnapshotManifest,
  entry: ArchivedSnapshot,
  { files }: ArchiveManifest,
): Promise<boolean> {
  if (sections.length !== entry.sections.length) return false;
  for (const { section, path } of entry.sections) {
    if (!sections.includes(section)) return false;
    const digest = await sectionDigest(snapshots, { snapshot: id, section, redacted: false }, job.signal);
    if (digest.sha256 !== files.find((file) => file.path === path)?.sha256) return false;
  }
  return true;
}

/** Those that were stored before it failed are whole, and stay: importing again goes on after them. */
function withStored(
  error: unknown,
  stored: readonly SnapshotManifest[],
  { snapshots }: ArchiveManifest,
): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, message, remedy, details } = error;
  return new AppError(code, message, {
    notChanged: `${stored.length} of its ${snapshots.length} snapshots were stored before, each whole and proved: ${stored.map(({ id }) => id).join(', ')}.`,
    remedy: `${remedy} Importing it again stores the others only.`.trim(),
    details: { ...details, stored: stored.map(({ id }) => id) },
    cause: error,
  });
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** From the first byte, as often as it is asked for. */
async function* bytesOf(path: string, file: FileHandle, meter: PhaseMeter): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    const part = Buffer.allocUnsafe(READ_AT_ONCE);
    let bytesRead: number;
    try {
      ({ bytesRead } = await file.read(part, 0, part.length, at));
    } catch (error) {
      throw fileError('read', path, error);
    }
    if (bytesRead === 0) return;
    at += bytesRead;
    meter.advance(bytesRead);
    yield part.subarray(0, bytesRead);
  }
}

const READ_AT_ONCE = 256 * 1024;
