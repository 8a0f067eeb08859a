import { existsSync, fsyncSync, linkSync, openSync, closeSync, renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { translateCreationError } from '../database/file-errors.ts';
import { NO_COPY } from './copy-database.ts';

/**
 * Gives a finished file its name, and sees it onto the disk. A file of that name is never replaced.
 *
 * @throws AppError FILE_FAILED
 */
export function publishFile(unfinished: string, path: string): void {
  try {
    toDisk(unfinished);
    nameOnce(unfinished, path);
    folderToDisk(dirname(path));
  } catch (error) {
    throw translateCreationError(error, 'give the copy its name', path, NO_COPY);
  }
}

function nameOnce(unfinished: string, path: string): void {
  try {
    // A second name first: unlike a renaming, it fails where one has come there meanwhile.
    linkSync(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Disks that know no second names: those of USB sticks, and some of other computers.
    if (existsSync(path)) throw Object.assign(new Error('It is there.'), { code: 'EEXIST' });
    renameSync(unfinished, path);
    return;
  }
  unlinkSync(unfinished);
}

function toDisk(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Without it a power cut may forget the name. Windows has nothing of the kind. */
function folderToDisk(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
