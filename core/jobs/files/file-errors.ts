import { AppError, isAppError } from '../../../contract/errors.ts';
import { asAppError } from '../../../contract/wire.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it is there already',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
};

/** A failure of the file system as ours; what is none of its is told as what it is. `deed`: "read", "write". */
export function fileError(deed: 'read' | 'write', path: string, error: unknown): AppError {
  const { code } = error as { readonly code?: unknown };
  if (isAppError(error) || typeof code !== 'string') return asAppError(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('DISK_FULL', `There is no room left to write “${path}”.`, {
      notChanged: 'The unfinished file was removed.',
      remedy: 'Free some space, or choose another place.',
      cause: error,
    });
  return new AppError('FILE_FAILED', `Could not ${deed} “${path}”: ${REASONS[code] ?? code}.`, {
    notChanged: deed === 'read' ? 'Nothing was stored.' : 'No file was written.',
    remedy:
      code === 'EEXIST'
        ? 'Choose another name, or ask to replace it.'
        : 'Check the path and its permissions.',
    details: { path, code },
    cause: error,
  });
}
