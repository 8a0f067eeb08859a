import { archiveRefused } from './archive-errors.ts';

/*
 * The part of tar (POSIX ustar) that an archive is made of: regular files with short names. Written here rather than taken
 * from a library because of what readers of the whole format do with a hostile one: they keep extended headers of any size
 * in memory, and know links, devices and names that continue elsewhere, all of which an archive has no use for.
 */

export const BLOCK = 512;
const NAME_BYTES = 100;
const SIZE_AT = 124;
const SIZE_BYTES = 12;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const TYPE_AT = 156;
const MAGIC_AT = 257;
/** The largest size of 11 octal digits; beyond it stands a binary number, as GNU tar, bsdtar and Python read it. */
const MOST_OCTAL = 0o77777777777;
const BINARY = 0x80;

/** Two blocks of zeros. */
export const END_OF_TAR: Buffer = Buffer.alloc(2 * BLOCK);

/** The header of a regular file that only its owner may read. `modified` in whole seconds since 1970. */
export function tarHeader(name: string, size: number, modified: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > NAME_BYTES) throw new RangeError(`Too long a name for a tar: ${name}`);
  header.write(name, 0);
  octal(header, 100, 8, 0o600);
  octal(header, 108, 8, 0);
  octal(header, 116, 8, 0);
  if (size <= MOST_OCTAL) octal(header, SIZE_AT, SIZE_BYTES, size);
  else {
    header[SIZE_AT] = BINARY;
    header.writeBigUInt64BE(BigInt(size), SIZE_AT + SIZE_BYTES - 8);
  }
  octal(header, 136, 12, modified);
  header[TYPE_AT] = 0x30;
  header.write('ustar\x0000', MAGIC_AT, 'latin1');
  header.write(checksumOf(header).toString(8).padStart(6, '0') + '\0 ', CHECKSUM_AT, 'latin1');
  return header;
}

/** The zeros between a file's end and the next header. */
export function paddingOf(size: number): Buffer {
  return END_OF_TAR.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}

export interface TarEntry {
  readonly name: string;
  readonly size: number;
}

/**
 * Reads a header.
 *
 * @returns undefined for a block of zeros, which ends a tar
 * @throws AppError INVALID_DOCUMENT for anything but a regular file
 */
export function readTarHeader(archive: string, header: Buffer): TarEntry | undefined {
  if (header.every((byte) => byte === 0)) return undefined;
  if (octalAt(header, CHECKSUM_AT, CHECKSUM_BYTES) !== checksumOf(header))
    throw archiveRefused(archive, 'a header in it does not fit its checksum');
  if (header.toString('latin1', MAGIC_AT, MAGIC_AT + 5) !== 'ustar')
    throw archiveRefused(archive, 'it is not a tar of the kind that Drawbridge writes');
  const type = header[TYPE_AT]!;
  if (type !== 0x30 && type !== 0)
    throw archiveRefused(archive, `it holds something else than a file (${TYPES[type] ?? 'unknown'})`);
  if (header[345] !== 0) throw archiveRefused(archive, 'a file in it has too long a name');
  const end = header.subarray(0, NAME_BYTES).indexOf(0);
  const name = header.toString('utf8', 0, end < 0 ? NAME_BYTES : end);
  const size = sizeOf(header);
  if (size === undefined) throw archiveRefused(archive, 'a header in it has no size');
  return { name, size };
}

const TYPES: Readonly<Record<number, string>> = {
  0x31: 'a hard link',
  0x32: 'a symbolic link',
  0x33: 'a device',
  0x34: 'a device',
  0x35: 'a folder',
  0x36: 'a pipe',
  0x67: 'an extended header',
  0x78: 'an extended header',
  0x4b: 'a long name',
  0x4c: 'a long name',
  0x53: 'a sparse file',
};

function octal(header: Buffer, at: number, length: number, value: number): void {
  header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
}

function sizeOf(header: Buffer): number | undefined {
  if (header[SIZE_AT] !== BINARY) return octalAt(header, SIZE_AT, SIZE_BYTES);
  const high = header.subarray(SIZE_AT + 1, SIZE_AT + SIZE_BYTES - 8);
  const size = header.readBigUInt64BE(SIZE_AT + SIZE_BYTES - 8);
  return high.every((byte) => byte === 0) && size <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(size)
    : undefined;
}

function octalAt(header: Buffer, at: number, length: number): number | undefined {
  const digits = /^ *([0-7]+)[\0 ]*$/.exec(header.toString('latin1', at, at + length))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** The sum of a header's bytes, those of the checksum itself counted as spaces. */
function checksumOf(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++)
    sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES ? 0x20 : header[i]!;
  return sum;
}
