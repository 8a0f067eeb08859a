import Database from 'better-sqlite3';
import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import { REPAIR_ADVICE, WRITABLE_ADVICE } from './advice.ts';

interface Verdict {
  readonly code: ErrorCode;
  readonly message: string;
  readonly notChanged: string;
  readonly remedy: string;
}

const ROLLED_BACK = 'Nothing of this step was stored; what was in the catalog before is unchanged.';

const DISK_FULL: Verdict = {
  code: 'DISK_FULL',
  message: 'The disk that holds the catalog is full.',
  notChanged: ROLLED_BACK,
  remedy: 'Free some space on that disk, then run the command again.',
};
const LOCKED: Verdict = {
  code: 'CATALOG_LOCKED',
  message: 'The catalog stayed busy: another process has been writing to it for too long.',
  notChanged: ROLLED_BACK,
  remedy: 'Wait until the other Drawbridge process has finished, then try again.',
};
const DAMAGED: Verdict = {
  code: 'CATALOG_DAMAGED',
  message: 'The catalog is damaged: its database file cannot be read as it was written.',
  notChanged: 'Nothing was written to the catalog.',
  remedy: REPAIR_ADVICE,
};
const IO_FAILED: Verdict = {
  code: 'FILE_FAILED',
  message: 'The operating system refused to read or write the catalog’s files.',
  notChanged: ROLLED_BACK,
  remedy: 'Check that the disk is healthy and still connected, then try again.',
};
const NOT_WRITTEN: Verdict = {
  code: 'FILE_FAILED',
  message: 'The operating system refused to write the catalog’s files.',
  notChanged: ROLLED_BACK,
  remedy:
    'Check whether a quota or a limit on the size of files is used up, and that the disk is healthy and still connected; then try again.',
};
const READ_ONLY: Verdict = {
  code: 'FILE_FAILED',
  message: 'The catalog cannot be written: its folder, its file or its disk is read-only.',
  notChanged: 'Nothing was written to the catalog.',
  remedy: WRITABLE_ADVICE,
};
const CANNOT_OPEN: Verdict = {
  code: 'FILE_FAILED',
  message: 'The catalog’s database file cannot be opened.',
  notChanged: 'Nothing was written to the catalog.',
  remedy: 'Check that the catalog’s folder exists and that this user may read and write it and its files.',
};

/**
 * First match wins, so the extended codes stand above their family. SQLite reports them all as
 * `SQLITE_<family>[_<detail>]` (https://www.sqlite.org/rescode.html).
 */
const VERDICTS: readonly (readonly [prefix: string, verdict: Verdict])[] = [
  ['SQLITE_FULL', DISK_FULL],
  ['SQLITE_BUSY', LOCKED],
  ['SQLITE_LOCKED', LOCKED],
  ['SQLITE_PROTOCOL', LOCKED],
  ['SQLITE_CORRUPT', DAMAGED],
  ['SQLITE_NOTADB', DAMAGED],
  ['SQLITE_FORMAT', DAMAGED],
  ['SQLITE_IOERR_SHORT_READ', DAMAGED],
  ['SQLITE_IOERR_CORRUPTFS', DAMAGED],
  ['SQLITE_IOERR_DATA', DAMAGED],
  // The shared-memory file could not grow: on a local disk, that is a lack of space.
  ['SQLITE_IOERR_SHMSIZE', DISK_FULL],
  // A quota that is used up (EDQUOT), or a limit on the size of files (EFBIG): SQLite tells only a full disk apart.
  ['SQLITE_IOERR_WRITE', NOT_WRITTEN],
  ['SQLITE_IOERR', IO_FAILED],
  ['SQLITE_READONLY', READ_ONLY],
  ['SQLITE_PERM', READ_ONLY],
  ['SQLITE_AUTH', READ_ONLY],
  ['SQLITE_CANTOPEN', CANNOT_OPEN],
];

/** Damage in the file's header that SQLite reports under its most general code. */
const UNREADABLE = /^(?:unsupported file format|malformed database schema)/;

/**
 * The one translation of better-sqlite3's errors, for every SQLite file that Drawbridge opens.
 *
 * An AppError is returned as it is. What no condition of disk, file or lock explains (a broken constraint, a wrong
 * statement) is a defect of ours and becomes INTERNAL. SQLite's messages name tables and columns, never values.
 */
export function translateSqliteError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Database.SqliteError) {
    const { code } = error;
    const verdict = UNREADABLE.test(error.message)
      ? DAMAGED
      : VERDICTS.find(([prefix]) => code === prefix || code.startsWith(`${prefix}_`))?.[1];
    if (verdict)
      return new AppError(verdict.code, verdict.message, {
        notChanged: verdict.notChanged,
        remedy: verdict.remedy,
        details: { sqlite: code },
        cause: error,
      });
  }
  return new AppError('INTERNAL', 'The catalog’s database refused a statement of Drawbridge itself.', {
    notChanged: ROLLED_BACK,
    remedy: 'This is a defect of Drawbridge: report it with this message and the version in use.',
    details: { reason: error instanceof Error ? error.message : String(error) },
    cause: error,
  });
}

/**
 * Runs `work`, which talks to SQLite synchronously.
 *
 * @throws AppError instead of whatever SQLite threw: DISK_FULL, CATALOG_LOCKED, CATALOG_DAMAGED, FILE_FAILED, INTERNAL
 */
export function withSqliteErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translateSqliteError(error);
  }
}
