import { randomBytes } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError } from '../../../contract/errors.ts';
import { translateFileError } from '../database/file-errors.ts';

/** Some pages of the write-ahead log for the end of a job, with room for an error of any length. */
const RESERVED_BYTES = 256 * 1024;

/** Room on the disk that nobody uses, so that a job whose disk has become full can still be told to have ended. */
export interface Reserve {
  /** Keeps room, if there is any: a disk that is full already is found by the work itself. @throws AppError FILE_FAILED */
  keep(): void;
  /** Gives the room up. @returns whether there was any */
  giveUp(): boolean;
}

/** @param folder the catalog's, for temporary files */
export function createReserve(folder: string): Reserve {
  const path = join(folder, 'reserve');
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    keep() {
      try {
        // Of noise, since some disks store what can be compressed in next to nothing.
        if (size() < RESERVED_BYTES) writeFileSync(path, randomBytes(RESERVED_BYTES), { mode: 0o600 });
      } catch (error) {
        rmSync(path, { force: true });
        const translated = translateFileError(error, 'keep room for the ends of jobs', path);
        if (!isAppError(translated, 'DISK_FULL')) throw translated;
      }
    },
    giveUp() {
      if (size() === 0) return false;
      rmSync(path, { force: true });
      return true;
    },
  };
}
