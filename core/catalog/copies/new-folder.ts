import { rmdirSync } from 'node:fs';
import { NO_RIGHT, translateCreationError, translateFileError } from '../database/file-errors.ts';
import { makeFolders } from '../database/make-folders.ts';

/** The folder of a catalog that is about to be made; nobody else may look into it. @throws AppError FILE_FAILED, DISK_FULL */
export function createNewFolder(dir: string): void {
  try {
    makeFolders(dir);
  } catch (error) {
    throw translateCreationError(error, 'create the folder for the new catalog', dir);
  }
}

/** Of a folder that something is in, that is gone, or that this user may not remove, such as one that a disk is mounted on. */
const STAYS: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY', ...NO_RIGHT]);

/**
 * Removes a folder that was made for nothing, or of which everything is elsewhere now. One that cannot be removed stays: it is no
 * reason to say of what has been done that it failed.
 *
 * @throws AppError FILE_FAILED
 */
export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!STAYS.has(code)) throw translateFileError(error, 'remove the folder', dir);
  }
}
