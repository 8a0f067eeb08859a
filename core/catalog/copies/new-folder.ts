import { rmdirSync } from 'node:fs';
import { translateFileError } from '../database/file-errors.ts';
import { makeFolders } from '../database/make-folders.ts';

/** The folder of a catalog that is about to be made; nobody else may look into it. @throws AppError FILE_FAILED, DISK_FULL */
export function createNewFolder(dir: string): void {
  try {
    makeFolders(dir);
  } catch (error) {
    throw translateFileError(error, 'create the folder for the new catalog', dir);
  }
}

/** A folder that was made for nothing, or of which everything is elsewhere now. @throws AppError FILE_FAILED */
export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code))
      throw translateFileError(error, 'remove the folder', dir);
  }
}
