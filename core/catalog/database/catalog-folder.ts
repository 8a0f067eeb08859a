import { accessSync, chmodSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import { REPAIR_ADVICE } from './advice.ts';
import { NO_RIGHT, translateCreationError, translateFileError } from './file-errors.ts';
import { makeFolders } from './make-folders.ts';

/** Where the parts of a catalog lie. */
export interface CatalogFolder {
  readonly dir: string;
  readonly file: string;
  /** For files that live as long as one capture. */
  readonly stagingDir: string;
}

/** What a database of SQLite begins with. */
export const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_BYTES = 100;

export function catalogFolder(dir: string): CatalogFolder {
  return { dir, file: join(dir, 'catalog.db'), stagingDir: join(dir, 'staging') };
}

/**
 * Whether a catalog stands in the folder, judged by its file alone. An empty file is what a creation leaves that was
 * killed before its first write: no catalog.
 *
 * @throws AppError CATALOG_DAMAGED when the file is not an SQLite database; FILE_FAILED
 */
export function holdsCatalog({ dir, file }: CatalogFolder): boolean {
  const header = Buffer.alloc(HEADER_BYTES);
  let length: number;
  try {
    const handle = openSync(file, 'r');
    try {
      length = readSync(handle, header, 0, HEADER_BYTES, 0);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw translateFileError(error, 'read the catalog', file);
  }
  if (length === 0) return false;
  // Bytes 18 and 19 are the file format's write and read version (1: rollback journal, 2: WAL). SQLite takes a higher
  // write version for "read-only", which would send the reader looking for permissions.
  const plausible =
    length === HEADER_BYTES &&
    header.subarray(0, SQLITE_MAGIC.length).equals(SQLITE_MAGIC) &&
    header[18]! <= 2 &&
    header[19]! <= 2;
  if (!plausible)
    throw new AppError(
      'CATALOG_DAMAGED',
      `“${file}” is not a Drawbridge catalog, or its first bytes are damaged.`,
      {
        notChanged: 'The file was not touched.',
        remedy: `Check that “${dir}” is the folder you mean. ${REPAIR_ADVICE}`,
      },
    );
  return true;
}

/**
 * Creates the folder (0700) and an empty database file (0600) where they are missing. SQLite gives the files beside it
 * (-wal, -shm) the same mode.
 *
 * @throws AppError FILE_FAILED, DISK_FULL
 */
export function createFolder({ dir, file }: CatalogFolder): void {
  try {
    makeFolders(dir);
  } catch (error) {
    throw translateCreationError(error, 'create the catalog’s folder', dir);
  }
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw translateCreationError(error, 'create the catalog', file);
  }
}

/**
 * Makes sure that the catalog can be written before SQLite tries, because SQLite says less about what stands in the way,
 * and shuts others out of its files where an unpacked copy left them readable.
 *
 * @throws AppError FILE_FAILED, DISK_FULL
 */
export function prepareFolder({ dir, file, stagingDir }: CatalogFolder): void {
  requireWritable({ dir, file });
  try {
    closeToOthers(file);
    closeToOthers(`${file}-wal`);
    closeToOthers(`${file}-shm`);
  } catch (error) {
    throw translateFileError(error, 'write the catalog', file);
  }
  try {
    makeFolders(stagingDir);
  } catch (error) {
    throw translateFileError(error, 'create the catalog’s folder for temporary files', stagingDir);
  }
}

/** Whether this user may write it: not where rights or a read-only disk forbid it. @throws AppError FILE_FAILED */
export function isWritable(folder: Pick<CatalogFolder, 'dir' | 'file'>): boolean {
  try {
    requireWritable(folder);
    return true;
  } catch (error) {
    if (error instanceof AppError && NO_RIGHT.has(String(error.details['system']))) return false;
    throw error;
  }
}

/** @throws AppError FILE_FAILED */
function requireWritable({ dir, file }: Pick<CatalogFolder, 'dir' | 'file'>): void {
  try {
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw translateFileError(error, 'write to the catalog’s folder', dir);
  }
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw translateFileError(error, 'write the catalog', file);
  }
}

function closeToOthers(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  // Windows has no such bits (its profile folders are private), and another owner's file is theirs to close.
  if (!found || process.platform === 'win32' || found.uid !== process.getuid?.()) return;
  if ((found.mode & 0o077) !== 0) chmodSync(file, 0o600);
}
