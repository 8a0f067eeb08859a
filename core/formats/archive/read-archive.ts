import { createHash, type Hash } from 'node:crypto';
import { AppError, isAppError, throwIfAborted } from '../../../contract/errors.ts';
import { compareKeys } from '../../model/key-order.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import { decrypted, type ArchiveKeys } from './age.ts';
import { ARCHIVE_HEAD_BYTES, kindOfArchive } from './archive-beginning.ts';
import { archiveRefused, archiveTooLarge, CUT_OFF, withPlace } from './archive-errors.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-limits.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  archiveManifest,
  expectedFiles,
  MANIFEST_PATH,
  type ArchivedSnapshot,
  type ArchiveManifest,
  type Expected,
} from './archive-manifest.ts';
import { archivedRecord } from './archived-record.ts';
import { ByteReader } from './byte-reader.ts';
import { BLOCK, paddingOf, readTarHeader } from './tar.ts';
import { decompressed } from './zstd.ts';

export interface ArchiveOptions {
  /** For messages: the file's name. */
  readonly name: string;
  readonly keys: ArchiveKeys;
  readonly signal: AbortSignal;
  readonly limits?: Partial<ArchiveLimits>;
}

/** What is done with an archive while it is read. */
export interface ArchiveVisitor {
  /** Its manifest, which makes sense; nothing of the files is known yet. */
  manifest?(manifest: ArchiveManifest): void;
  /** A section's records in bounded batches. They are proved only when `proved` is called with their snapshot. */
  records?(file: RecordsFile, batches: AsyncIterable<readonly CanonicalRecord[]>): Promise<void>;
  /** Everything of this snapshot was there, and is what the manifest says. */
  proved?(snapshot: ArchivedSnapshot): Promise<void>;
}

export type RecordsFile = Extract<Expected, { holds: 'records' }>;

/**
 * Reads an archive from its first byte to its last and proves all of it: every file that the manifest names and no other,
 * in that order, of that size and hash, every line a record, every key once and in order. Memory does not grow with it;
 * no name in it is ever used as a path.
 *
 * @throws AppError INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, PASSPHRASE_NEEDED, WRONG_KEY, USAGE, CANCELED; what the visitor
 *   and `bytes` throw
 */
export async function readArchive(
  bytes: AsyncIterable<Uint8Array>,
  options: ArchiveOptions,
  visitor: ArchiveVisitor,
): Promise<ArchiveManifest> {
  const limits = { ...ARCHIVE_LIMITS, ...options.limits };
  const { name, signal } = options;
  const read = { bytes: 0, ended: false };
  async function* noted(): AsyncGenerator<Uint8Array> {
    for await (const part of bytes) {
      read.bytes += part.length;
      yield part;
    }
    read.ended = true;
  }
  const tar = new ByteReader(await opened(name, new ByteReader(noted()), options.keys));
  try {
    const { manifest, files } = await readManifest(name, tar, limits);
    visitor.manifest?.(manifest);
    for (const [index, file] of files.entries()) {
      throwIfAborted(signal);
      await readFile(name, tar, file, { limits, signal, visitor });
      if (file.holds === 'records' && endsSnapshot(files, index)) await visitor.proved?.(file.snapshot);
    }
    await requireEnd(name, tar, limits);
    return manifest;
  } catch (error) {
    throw isAppError(error, 'INVALID_DOCUMENT') ? withPlace(error, read) : error;
  } finally {
    await tar.close();
  }
}

function endsSnapshot(files: readonly Expected[], index: number): boolean {
  const [file, next] = [files[index], files[index + 1]];
  return file?.holds === 'records' && (next?.holds !== 'records' || next.snapshot !== file.snapshot);
}

/** Takes off what is around the tar: encryption, compression, both, or nothing. */
async function opened(name: string, file: ByteReader, keys: ArchiveKeys): Promise<AsyncIterable<Uint8Array>> {
  const head = await file.take(ARCHIVE_HEAD_BYTES);
  const kind = kindOfArchive(head);
  if (kind === 'armored')
    throw new AppError('INVALID_DOCUMENT', `The archive “${name}” is armored: written as text.`, {
      notChanged: 'Nothing of it was stored.',
      remedy: 'Decrypt it first, and import what comes out: age -d <file> > archive.tar.zst',
    });
  const whole = again(head, file);
  if (kind === 'encrypted') return unpacked(name, decrypted(name, new ByteReader(whole), keys));
  return unpacked(name, whole);
}

async function* unpacked(name: string, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(packed);
  try {
    const head = await reader.take(ARCHIVE_HEAD_BYTES);
    const whole = again(head, reader);
    const kind = kindOfArchive(head);
    if (kind === 'compressed') yield* decompressed(name, whole);
    else if (kind === 'tar') yield* whole;
    else throw archiveRefused(name, 'what is in it is no tar, compressed or not');
  } finally {
    await reader.close();
  }
}

async function* again(head: Buffer, rest: ByteReader): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    yield* rest.rest();
  } finally {
    await rest.close();
  }
}

async function readManifest(
  name: string,
  tar: ByteReader,
  limits: ArchiveLimits,
): Promise<{ manifest: ArchiveManifest; files: readonly Expected[] }> {
  const entry = await nextEntry(name, tar);
  if (entry?.name !== MANIFEST_PATH)
    throw archiveRefused(name, `it does not begin with ${MANIFEST_PATH}`, NOT_OURS);
  if (entry.size > limits.manifestBytes)
    throw archiveTooLarge(name, 'its manifest is larger than any', limits.manifestBytes);
  const text = await exactly(name, tar, entry.size);
  await padding(name, tar, entry.size);
  const parsed = parseManifest(name, text);
  if (parsed.snapshots.length > limits.snapshots)
    throw archiveTooLarge(name, 'it holds too many snapshots', limits.snapshots);
  const files = expectedFiles(parsed);
  if (typeof files === 'string') throw archiveRefused(name, `its manifest contradicts itself: ${files}`);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  if (total > limits.totalBytes)
    throw archiveTooLarge(name, `unpacked it would be ${total} bytes`, limits.totalBytes);
  if (files[0]!.bytes > limits.readmeBytes)
    throw archiveTooLarge(name, 'its README is larger than any', limits.readmeBytes);
  return { manifest: parsed, files };
}

const NOT_OURS = { remedy: 'Give an archive that “drawbridge snapshot export --format archive” wrote.' };

function parseManifest(name: string, text: Buffer): ArchiveManifest {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw archiveRefused(name, 'its manifest is not JSON', { cause });
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format === ARCHIVE_FORMAT && typeof version === 'number' && version > ARCHIVE_VERSION)
    throw archiveRefused(
      name,
      `its format has version ${version}; this Drawbridge knows versions up to ${ARCHIVE_VERSION}`,
      { remedy: 'Use a newer Drawbridge to import it.' },
    );
  const parsed = archiveManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join('.') || 'its root';
  throw archiveRefused(name, `its manifest is not as it has to be, at ${place}`, { cause: parsed.error });
}

async function readFile(
  name: string,
  tar: ByteReader,
  file: Expected,
  { limits, signal, visitor }: { limits: ArchiveLimits; signal: AbortSignal; visitor: ArchiveVisitor },
): Promise<void> {
  const entry = await nextEntry(name, tar);
  if (entry?.name !== file.path) throw archiveRefused(name, `“${file.path}” is not where it has to be`);
  if (entry.size !== file.bytes)
    throw archiveRefused(name, `“${file.path}” is not as large as the manifest says`);
  const hash = createHash('sha256');
  const content = hashed(name, tar, file.bytes, hash);
  if (file.holds === 'records') {
    const batches = recordsIn(name, content, file, limits, signal);
    await visitor.records?.(file, batches);
    // To the end, whatever the visitor took of it: what it did not look at is proved all the same.
    for await (const _ of batches) throwIfAborted(signal);
  } else for await (const _ of content) throwIfAborted(signal);
  if (hash.digest('hex') !== file.sha256)
    throw archiveRefused(name, `“${file.path}” is not what was written: its SHA-256 differs`);
  await padding(name, tar, file.bytes);
}

/** In batches of as many lines as came at once. */
async function* recordsIn(
  name: string,
  content: AsyncIterable<Buffer>,
  { path, section, records, snapshot }: RecordsFile,
  { recordBytes, depth }: ArchiveLimits,
  signal: AbortSignal,
): AsyncGenerator<readonly CanonicalRecord[]> {
  let count = 0;
  let last: string | undefined;
  const recordOf = (line: Buffer): CanonicalRecord => {
    count++;
    const record = archivedRecord(section, line, depth);
    if (typeof record === 'string') throw archiveRefused(name, `line ${count} of “${path}” ${record}`);
    if (last !== undefined && compareKeys(last, record.key) >= 0)
      throw archiveRefused(
        name,
        `line ${count} of “${path}” has a key that is not greater than that before it`,
      );
    if (section === 'realm' && record.key !== snapshot.realm)
      throw archiveRefused(name, `“${path}” is about another realm than the manifest says`);
    last = record.key;
    return record;
  };
  for await (const lines of linesOf(name, content, path, recordBytes)) {
    throwIfAborted(signal);
    yield lines.map(recordOf);
  }
  if (count !== records || (section === 'realm' && count !== 1))
    throw archiveRefused(name, `“${path}” holds ${count} records; the manifest says ${records}`);
}

async function* linesOf(
  name: string,
  content: AsyncIterable<Buffer>,
  path: string,
  most: number,
): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const part of content) {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = part.indexOf(0x0a); end >= 0; end = part.indexOf(0x0a, from)) {
      lines.push(
        begun.length === 0 ? part.subarray(from, end) : Buffer.concat([...begun, part.subarray(from, end)]),
      );
      begun = [];
      length = 0;
      from = end + 1;
    }
    if (from < part.length) {
      begun.push(Buffer.from(part.subarray(from)));
      length += part.length - from;
    }
    if (length > most || lines.some((line) => line.length > most))
      throw archiveTooLarge(name, `a record in “${path}” is larger than any`, most);
    if (lines.length > 0) yield lines;
  }
  if (length > 0) throw archiveRefused(name, `“${path}” does not end with a whole line`);
}

async function* hashed(name: string, tar: ByteReader, size: number, hash: Hash): AsyncGenerator<Buffer> {
  for (let left = size; left > 0;) {
    const part = await tar.some(Math.min(left, AT_ONCE));
    if (part.length === 0) throw endsEarly(name);
    hash.update(part);
    left -= part.length;
    yield part;
  }
}

/** Bounds a batch. Bytes. */
const AT_ONCE = 128 * 1024;

async function nextEntry(name: string, tar: ByteReader) {
  return readTarHeader(name, await exactly(name, tar, BLOCK));
}

async function padding(name: string, tar: ByteReader, size: number): Promise<void> {
  const zeros = await exactly(name, tar, paddingOf(size).length);
  if (zeros.some((byte) => byte !== 0)) throw archiveRefused(name, 'there is something between its files');
}

/** Nothing but zeros after the last file, which `tar` rounds up as it likes. */
async function requireEnd(name: string, tar: ByteReader, { paddingBytes }: ArchiveLimits): Promise<void> {
  let zeros = 0;
  for await (const part of tar.rest()) {
    if (part.some((byte) => byte !== 0)) throw archiveRefused(name, 'it holds more than its manifest says');
    zeros += part.length;
    if (zeros > paddingBytes) throw archiveTooLarge(name, 'it does not end', paddingBytes);
  }
  if (zeros < 2 * BLOCK) throw endsEarly(name);
}

async function exactly(name: string, tar: ByteReader, size: number): Promise<Buffer> {
  const bytes = await tar.take(size);
  if (bytes.length < size) throw endsEarly(name);
  return bytes;
}

function endsEarly(name: string): AppError {
  return archiveRefused(name, 'it ends too early', { remedy: CUT_OFF });
}
