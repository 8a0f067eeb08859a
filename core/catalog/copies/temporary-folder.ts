import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import { translateFileError } from '../database/file-errors.ts';
import { isAlive } from './is-alive.ts';

/**
 * A new folder for temporary files, for this user only. What processes of this user left of such folders that were killed is
 * removed on the way.
 *
 * @param prefix of its name, before the id of this process
 * @param what it is for, as a clause: “to read the catalog”
 * @throws AppError FILE_FAILED, DISK_FULL
 */
export function makeTemporaryFolder(prefix: string, what: string): string {
  try {
    removeAbandoned(prefix);
    return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  } catch (error) {
    const { code, message, details } = translateFileError(
      error,
      `make a folder for temporary files, ${what}`,
      tmpdir(),
    );
    throw new AppError(code, message, {
      notChanged: 'Nothing was changed.',
      remedy:
        'Set TMPDIR (TEMP on Windows) to a folder that exists, has room, and in which you may write, or unset it.',
      details,
      cause: error,
    });
  }
}

/** Those whose names begin with `prefix` and the id of a process that is no more. */
function removeAbandoned(prefix: string): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), name);
    try {
      const owner = statSync(path, { throwIfNoEntry: false })?.uid;
      // Others' are theirs to remove; another one of ours may have been quicker.
      if (owner !== undefined && owner === (process.getuid?.() ?? owner))
        rmSync(path, { recursive: true, force: true });
    } catch (error) {
      // It is somebody else's after all.
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
