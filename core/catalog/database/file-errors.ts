import { AppError } from '../../../contract/errors.ts';
import { WRITABLE_ADVICE } from './advice.ts';

/**
 * Translates what `node:fs` throws. `doing` completes "Drawbridge could not …"; the path is named, since it is what the
 * reader has to look at.
 */
export function translateFileError(error: unknown, doing: string, path: string): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('DISK_FULL', `Drawbridge could not ${doing}: the disk is full.`, {
      notChanged: 'What was in the catalog before is unchanged.',
      remedy: 'Free some space on that disk, then run the command again.',
      details: { path, system: code },
      cause: error,
    });
  return new AppError('FILE_FAILED', `Drawbridge could not ${doing} (${path}): ${reason(code)}.`, {
    notChanged: 'What was in the catalog before is unchanged.',
    remedy: NO_RIGHT.has(code)
      ? WRITABLE_ADVICE
      : 'Check the path, its owner and its permissions, or choose another folder with --catalog.',
    details: { path, system: code },
    cause: error,
  });
}

/** As `translateFileError`, of a catalog or a copy that is not there yet: another place can still be chosen. */
export function translateCreationError(
  error: unknown,
  doing: string,
  path: string,
  notChanged = 'No catalog was created.',
): AppError {
  if (error instanceof AppError) return error;
  const { code, message, details } = translateFileError(error, doing, path);
  return new AppError(code, message, {
    notChanged,
    remedy:
      code === 'DISK_FULL'
        ? 'Free some space on that disk, or choose a folder on another one.'
        : 'Choose another folder, in which this user may create files.',
    details,
    cause: error,
  });
}

/** System errors of who may not, or of a disk on which nobody may. */
export const NO_RIGHT: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What is refused where a catalog can only be read. */
export function notWritable(dir: string): AppError {
  return new AppError('FILE_FAILED', `The catalog in “${dir}” cannot be written, and this would change it.`, {
    notChanged: 'Nothing was changed.',
    remedy: WRITABLE_ADVICE,
    details: { dir },
  });
}

function reason(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user has no right to';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ENOTDIR':
      return 'something on this path is not a folder';
    case 'EEXIST':
      return 'something else is there already';
    case 'ENAMETOOLONG':
      return 'a name on this path is too long';
    case 'ENOENT':
      return 'there is no such file or folder';
    default:
      return `the operating system answered ${code}`;
  }
}
