import Database from 'better-sqlite3';
import { isAppError } from '../../../contract/errors.ts';
import { translateSqliteError, withSqliteErrors } from './sqlite-errors.ts';

/** "DrBr": tells a Drawbridge catalog from any other SQLite file (also to `file`). */
export const APPLICATION_ID = 0x44724272;

/** How long a statement waits for another process's transaction, in milliseconds. Ours are short; a capture's commit is the longest. */
const BUSY_MILLISECONDS = 15_000;
/** The write-ahead log is cut back to this after a checkpoint, in bytes: one large capture must not keep its size for ever. */
const WAL_KEPT_BYTES = 64 * 1024 * 1024;

export interface OpenDatabaseOptions {
  /** The largest number of pages the file may grow to. For tests of a full disk. */
  readonly maxPages?: number | undefined;
  /** Nothing is written, not even what the write-ahead log holds back into the file. */
  readonly readOnly?: boolean | undefined;
  /**
   * Beside it there can be no other connection, of whatever process. It needs no memory that processes share, which disks
   * of other computers do not have.
   */
  readonly alone?: boolean | undefined;
  /** How long to wait for others, in milliseconds; 15 s. For tests. */
  readonly patience?: number | undefined;
}

/**
 * Opens an existing file (it may be empty) with the settings every connection to a catalog needs. Nothing is read or
 * written of the schema.
 *
 * @throws AppError CATALOG_DAMAGED, CATALOG_LOCKED, FILE_FAILED, DISK_FULL
 */
export function openDatabase(file: string, options: OpenDatabaseOptions = {}): Database.Database {
  const { readOnly = false, alone = false, patience = BUSY_MILLISECONDS } = options;
  const db = withSqliteErrors(
    () => new Database(file, { fileMustExist: true, timeout: patience, readonly: readOnly }),
  );
  try {
    if (alone) db.pragma('locking_mode = EXCLUSIVE');
    // A catalog may come from elsewhere: its schema must not run functions, and each page is checked as it is read.
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('foreign_keys = ON');
    if (readOnly) return db;
    letFreePagesGo(db);
    enterWal(db, patience);
    // The journal of a job must survive a power cut: what it says was intended was not yet done, what it says was done was.
    db.pragma('synchronous = FULL');
    db.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
    if (options.maxPages !== undefined) db.pragma(`max_page_count = ${options.maxPages}`);
    return db;
  } catch (error) {
    db.close();
    throw translateSqliteError(error);
  }
}

/**
 * Has a new file keep track of its pages, so that free ones can be given back to the disk some at a time. It can only be
 * decided before the first page is written; a file that is there is as it was made.
 */
export function letFreePagesGo(db: Database.Database): void {
  if (Number(db.pragma('page_count', { simple: true })) === 0) db.pragma('auto_vacuum = INCREMENTAL');
}

/** Changing to WAL needs the file alone and does not wait for it; two processes creating one catalog meet here. */
function enterWal(db: Database.Database, patience: number): void {
  const giveUp = Date.now() + patience;
  for (;;) {
    try {
      if (db.pragma('journal_mode', { simple: true }) === 'wal') return;
      db.pragma('journal_mode = WAL');
    } catch (error) {
      const translated = translateSqliteError(error);
      if (!isAppError(translated, 'CATALOG_LOCKED') || Date.now() > giveUp) throw translated;
      // Synchronous, like everything SQLite does here; the other process needs a few milliseconds.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
