import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { translateFileError } from '../database/file-errors.ts';
import { readLog, type LogFrame } from '../database/write-ahead-log.ts';

/** The pages of a database file as its last transaction left them, read without SQLite, which stops at damage. */
export interface Pages {
  readonly pageBytes: number;
  /** Pages are numbered from 1 to this. */
  readonly count: number;
  /** What is wrong with the write-ahead log, as a sentence. */
  readonly logDamage: string | undefined;
  /** @returns undefined when the file ends before it */
  read(number: number): Buffer | undefined;
  close(): void;
}

/** Of every catalog: SQLite's own choice. A damaged header may say anything. */
const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;
/** In the file's header, the number of its pages. */
const COUNT_OFFSET = 28;

/**
 * @param onRead is told of each page that was read; some are read again
 * @throws AppError FILE_FAILED
 */
export function openPages(path: string, onRead: () => void = () => {}): Pages {
  const log = readLog(path);
  const ofLog = newestOf(log.frames);
  const main = open(path);
  const logFile = ofLog.offsets.size > 0 ? open(`${path}-wal`) : undefined;
  const filePages = Math.floor(fstatSync(main).size / PAGE_BYTES);
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(main, header, 0, HEADER_BYTES, 0);
  const told = header.readUInt32BE(COUNT_OFFSET);
  // One that was truncated has fewer than it says; a damaged header may say anything.
  const ofFile = told > filePages && told < 4 * filePages + 16 ? told : filePages;
  return {
    pageBytes: PAGE_BYTES,
    count: Math.max(ofFile, ofLog.count),
    logDamage: log.damage,
    read(number) {
      const logged = ofLog.offsets.get(number);
      const page = Buffer.alloc(PAGE_BYTES);
      const at = logged ?? (number - 1) * PAGE_BYTES;
      const length = readSync(logged === undefined ? main : logFile!, page, 0, PAGE_BYTES, at);
      onRead();
      return length === PAGE_BYTES ? page : undefined;
    },
    close() {
      closeSync(main);
      if (logFile !== undefined) closeSync(logFile);
    },
  };
}

/** Where the log has each page's newest bytes; of transactions that ended, and of frames that are whole. */
function newestOf(frames: readonly LogFrame[]): { offsets: Map<number, number>; count: number } {
  const end = frames.findLastIndex(({ whole, pagesAfter }) => whole && pagesAfter > 0);
  const offsets = new Map<number, number>();
  for (const { page, offset, whole } of frames.slice(0, end + 1)) if (whole) offsets.set(page, offset);
  return { offsets, count: frames[end]?.pagesAfter ?? 0 };
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw translateFileError(error, 'read the catalog', path);
  }
}
