import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../contract/errors.ts';
import { REPAIR_ADVICE } from './advice.ts';
import { translateFileError } from './file-errors.ts';

/*
 * The format of SQLite's write-ahead log (https://www.sqlite.org/fileformat2.html#walformat): a header of 32 bytes, then
 * frames of 24 bytes and a page each. Every frame repeats the header's salts and carries a checksum over itself and all
 * before it.
 *
 * SQLite takes the first frame that is not as it should be for the end of the log, since a crash leaves one so, and forgets
 * all that follow: transactions that were reported as stored would be gone without a word. A crash breaks off the last
 * transaction only, because each is synced to the disk before the next one begins. Where another one follows, the log was
 * damaged.
 */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
/** Of every catalog. */
const PAGE_BYTES = 4096;
/** Which frames belong to this log: those before it was begun anew carry others. */
const SALTS = { from: 16, to: 24 };

/** A page as a frame has it. */
export interface LogFrame {
  readonly page: number;
  /** In the log's file, where the page's bytes begin. */
  readonly offset: number;
  /** Of the database in pages, when this frame ends a transaction; else 0. */
  readonly pagesAfter: number;
  /** Whether its bytes are what was written, as far as the checksum of the frame before it can be trusted. */
  readonly whole: boolean;
}

export interface LogReading {
  /** What was damaged, as a sentence. */
  readonly damage?: string;
  /** Tells one log from the next; undefined where there is none. */
  readonly header?: Buffer;
  readonly pageBytes: number;
  /** Of this log, in order; those that a crash broke off are not among them. */
  readonly frames: readonly LogFrame[];
}

const NO_FRAMES: LogReading = { pageBytes: 0, frames: [] };

/** After so many readings of a log that was each time begun anew meanwhile, somebody is busy writing it: it is theirs to mind. */
const MOST_READINGS = 50;
const BETWEEN_READINGS_MILLISECONDS = 20;

/**
 * Refuses a catalog whose write-ahead log has lost transactions. Nothing is written.
 *
 * @param database the catalog's file
 * @throws AppError CATALOG_DAMAGED, FILE_FAILED
 */
export async function refuseBrokenLog(database: string): Promise<void> {
  let suspected: LogReading | undefined;
  for (let i = 0; i < MOST_READINGS; i++) {
    const reading = readLog(database);
    if (reading.damage === undefined) return;
    // Another process may have begun the log anew while it was read: damage is what is there twice, in the same log.
    if (suspected?.damage === reading.damage && suspected.header?.equals(reading.header!))
      throw damaged(reading);
    suspected = reading;
    await sleep(BETWEEN_READINGS_MILLISECONDS);
  }
}

function damaged({ damage }: LogReading): AppError {
  return new AppError('CATALOG_DAMAGED', `The catalog is damaged. ${damage}`, {
    notChanged: 'Nothing was written to the catalog.',
    remedy: REPAIR_ADVICE,
  });
}

/** @throws AppError FILE_FAILED */
export function readLog(database: string): LogReading {
  const path = `${database}-wal`;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_FRAMES;
    throw translateFileError(error, 'read the catalog’s write-ahead log', path);
  }
  try {
    return readOpenLog(file, fstatSync(file).size);
  } catch (error) {
    throw translateFileError(error, 'read the catalog’s write-ahead log', path);
  } finally {
    closeSync(file);
  }
}

function readOpenLog(file: number, size: number): LogReading {
  const header = Buffer.alloc(HEADER_BYTES);
  // A log without a frame holds nothing that could be lost.
  if (size <= HEADER_BYTES || readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return NO_FRAMES;
  const magic = header.readUInt32BE(0);
  const headerSum = checksum(header, 0, 24, [0, 0], magic === MAGIC);
  const headerIsWhole = (magic & ~1) >>> 0 === MAGIC && isAt(header, 24, headerSum);
  // With a damaged header SQLite forgets the whole log. For a repair it is read as logs of ours always are.
  const littleEndian = magic === MAGIC || !headerIsWhole;
  const pageBytes = headerIsWhole ? header.readUInt32BE(8) : PAGE_BYTES;
  const stride = FRAME_HEADER_BYTES + pageBytes;
  const frame = Buffer.alloc(stride);
  const salts = Buffer.from(header.subarray(SALTS.from, SALTS.to));
  if (!headerIsWhole) readSync(file, salts, 0, salts.length, HEADER_BYTES + 8);
  const frames: LogFrame[] = [];
  let before: Sum = [header.readUInt32BE(24), header.readUInt32BE(28)];
  for (let at = HEADER_BYTES; at + stride <= size; at += stride) {
    if (readSync(file, frame, 0, stride, at) < stride) break;
    const isOurs = frame.subarray(8, 16).equals(salts);
    const sum = checksum(
      frame,
      FRAME_HEADER_BYTES,
      stride,
      checksum(frame, 0, 8, before, littleEndian),
      littleEndian,
    );
    frames.push({
      page: frame.readUInt32BE(0),
      offset: at + FRAME_HEADER_BYTES,
      pagesAfter: frame.readUInt32BE(4),
      whole: isOurs && isAt(frame, 16, sum),
    });
    // As stored: so the frames after a damaged one are judged by themselves.
    before = [frame.readUInt32BE(16), frame.readUInt32BE(20)];
  }
  if (headerIsWhole) return { ...judged(frames, pageBytes), header };
  return {
    pageBytes,
    frames,
    header,
    damage: 'The beginning of its write-ahead log is not what was written.',
  };
}

/**
 * What follows the first broken frame: nothing of this log, or the rest of one transaction that a crash broke off, or one
 * that was rolled back (which never ends); or later transactions, which cannot be there unless the broken one was whole.
 */
function judged(frames: readonly LogFrame[], pageBytes: number): LogReading {
  const broken = frames.findIndex(({ whole }) => !whole);
  if (broken < 0) return { pageBytes, frames };
  const ends = frames.slice(broken + 1).filter(({ whole, pagesAfter }) => whole && pagesAfter > 0).length;
  const endsItself = frames[broken]!.pagesAfter > 0 ? 1 : 0;
  if (ends + endsItself < 2) return { pageBytes, frames: frames.slice(0, broken) };
  const lost = ends === 1 ? 'a later transaction' : `${ends} later transactions`;
  return {
    pageBytes,
    frames,
    damage: `Its write-ahead log is damaged, and ${lost} could no more be read from it.`,
  };
}

type Sum = readonly [number, number];

function checksum(bytes: Buffer, from: number, to: number, [first, second]: Sum, littleEndian: boolean): Sum {
  let [a, b] = [first, second];
  if (littleEndian && IS_LITTLE_ENDIAN) {
    // A log of 64 MB is read at every opening while somebody works: one word at a time it would take four times as long.
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + from, (to - from) / 4);
    for (let i = 0; i < words.length; i += 2) {
      a = (a + words[i]! + b) >>> 0;
      b = (b + words[i + 1]! + a) >>> 0;
    }
    return [a, b];
  }
  for (let at = from; at < to; at += 8) {
    a = (a + (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)) + b) >>> 0;
    b = (b + (littleEndian ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}

const IS_LITTLE_ENDIAN = endianness() === 'LE';

function isAt(bytes: Buffer, offset: number, [first, second]: Sum): boolean {
  return bytes.readUInt32BE(offset) === first && bytes.readUInt32BE(offset + 4) === second;
}
