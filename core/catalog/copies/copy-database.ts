import { closeSync, openSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { translateCreationError } from '../database/file-errors.ts';
import { translateSqliteError, withSqliteErrors } from '../database/sqlite-errors.ts';

export interface CopyOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: { bytes: number; of: number }) => void;
}

export const NO_COPY = 'The catalog was not changed; no copy was made.';

/** Copied without a pause: 1 MiB, some milliseconds. */
const PAGES_AT_ONCE = 256;

/**
 * Copies a database as it is at this moment into a new file (0600), by SQLite's own backup, while others write to it. The
 * connection holds one transaction throughout: without it, each write of another process would make the copy begin anew.
 *
 * @param source a connection of its own, to be closed by the caller
 * @throws AppError DISK_FULL, FILE_FAILED (also: the file is there already), CATALOG_DAMAGED, CANCELED
 */
export async function copyDatabase(
  source: Database,
  to: string,
  { signal, onProgress }: CopyOptions = {},
): Promise<void> {
  try {
    // SQLite would create it readable by others.
    closeSync(openSync(to, 'wx', 0o600));
  } catch (error) {
    throw translateCreationError(error, 'create the copy', to, NO_COPY);
  }
  const pageBytes = withSqliteErrors(() => Number(source.pragma('page_size', { simple: true })));
  withSqliteErrors(() => {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM catalog').get();
  });
  try {
    await source.backup(to, {
      progress({ totalPages, remainingPages }) {
        throwIfAborted(signal);
        onProgress?.({ bytes: (totalPages - remainingPages) * pageBytes, of: totalPages * pageBytes });
        return PAGES_AT_ONCE;
      },
    });
  } catch (error) {
    throw ofCopy(translateSqliteError(error), to);
  } finally {
    withSqliteErrors(() => source.exec('COMMIT'));
  }
}

/** A full disk is that of the copy: the catalog is only read. */
function ofCopy(error: AppError, to: string): AppError {
  if (error.code !== 'DISK_FULL' && error.code !== 'FILE_FAILED') return error;
  return new AppError(
    error.code,
    error.code === 'DISK_FULL'
      ? `There is no room left to write “${to}”.`
      : `The copy “${to}” could not be written.`,
    {
      notChanged: 'The catalog was not changed; the unfinished copy was removed.',
      remedy: 'Free some space there, or choose another place.',
      details: error.details,
      cause: error,
    },
  );
}
