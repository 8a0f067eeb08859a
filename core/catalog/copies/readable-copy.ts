import { chmodSync, constants, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../contract/errors.ts';
import { catalogFolder, isWritable, type CatalogFolder } from '../database/catalog-folder.ts';
import { translateFileError } from '../database/file-errors.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** A catalog that can be opened in place of one that cannot be written, for as long as it is looked at. */
export interface ReadableCopy {
  readonly folder: CatalogFolder;
  readonly remove: () => void;
}

/** Somebody who may write it can be doing so. */
const MOST_TRIES = 20;
const BETWEEN_TRIES_MILLISECONDS = 100;

/**
 * SQLite's readers make themselves seen in a file beside the database, and what a killed process left in the log can only be
 * read together with that file: so a catalog that cannot be written is copied to the folder for temporary files, encrypted
 * as it is. Telling SQLite instead that the file never changes (`immutable`) would be a lie wherever another user may write
 * it, and would leave out the log.
 *
 * @returns undefined where the catalog can be written
 * @throws AppError CATALOG_LOCKED when it is written to all the time; FILE_FAILED, DISK_FULL
 */
export async function readableCopy(folder: CatalogFolder): Promise<ReadableCopy | undefined> {
  if (isWritable(folder)) return undefined;
  const dir = makeTemporaryFolder('drawbridge-read-', 'to read the catalog');
  const copy = catalogFolder(dir);
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    for (let i = 0; i < MOST_TRIES; i++) {
      const before = stampOf(folder);
      await copyOne(folder.file, copy.file);
      rmSync(`${copy.file}-wal`, { force: true });
      if (before.log !== undefined) await copyOne(`${folder.file}-wal`, `${copy.file}-wal`);
      const after = stampOf(folder);
      // File and log are of one moment where neither has changed meanwhile.
      if (before.file === after.file && before.log === after.log) return { folder: copy, remove };
      await sleep(BETWEEN_TRIES_MILLISECONDS);
    }
    throw new AppError(
      'CATALOG_LOCKED',
      'The catalog was written to all the time while it was copied to be read.',
      {
        notChanged: 'Nothing was changed.',
        remedy: 'Wait until whoever writes to it has finished, then try again.',
      },
    );
  } catch (error) {
    remove();
    throw error;
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, 0o600);
  } catch (error) {
    // It went with the process that had it open: then nothing was the same.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && from.endsWith('-wal')) return;
    throw translateFileError(error, 'copy the catalog, to read it', from);
  }
}

/** Differs once somebody has written. */
function stampOf({ file }: CatalogFolder): {
  readonly file: string | undefined;
  readonly log: string | undefined;
} {
  const stamp = (path: string) => {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found && `${found.size} ${found.mtimeNs} ${found.ino}`;
  };
  return { file: stamp(file), log: stamp(`${file}-wal`) };
}
