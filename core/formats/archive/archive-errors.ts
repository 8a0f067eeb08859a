import { AppError } from '../../../contract/errors.ts';
import { counted } from '../../../contract/numbers.ts';

/** What is wrong with an archive. Never carries a value of a record: it may be a secret. */
export function archiveRefused(
  name: string,
  what: string,
  { remedy = DAMAGED, cause }: { readonly remedy?: string; readonly cause?: unknown } = {},
): AppError {
  return new AppError('INVALID_DOCUMENT', `The archive “${name}” cannot be trusted: ${what}.`, {
    notChanged: 'Nothing of it was stored.',
    remedy,
    details: { archive: name, found: what },
    cause,
  });
}

const DAMAGED =
  'It was cut off or changed since it was written: fetch or copy it again, whole, or export it anew.';
export const CUT_OFF =
  'It was cut off, on its way or while it was written: fetch or copy it again, whole, or export it anew.';
export const CHANGED = 'It was changed since it was written: fetch or copy it again, or export it anew.';

/**
 * Says where in the file a damage is, as far as that is known: what was read up to then came a quarter of a megabyte at a time.
 *
 * @param read how many bytes of the file were read, and whether these are all
 */
export function withPlace(
  error: AppError,
  { bytes, ended }: { readonly bytes: number; readonly ended: boolean },
): AppError {
  if (![DAMAGED, CUT_OFF, CHANGED].includes(error.remedy)) return error;
  const size = counted(bytes, 'byte');
  const place = ended ? `the file has ${size}` : `the damage is within its first ${size}`;
  return new AppError(error.code, error.message.replace(/\.$/, `; ${place}.`), {
    notChanged: error.notChanged,
    remedy: error.remedy,
    details: { ...error.details, [ended ? 'bytes' : 'within']: bytes },
    cause: error,
  });
}

export function archiveTooLarge(name: string, what: string, limit: number): AppError {
  return new AppError('DOCUMENT_TOO_LARGE', `The archive “${name}” is refused: ${what}.`, {
    notChanged: 'Nothing of it was stored.',
    remedy: 'Check where it comes from: no archive of realms comes near this limit.',
    details: { archive: name, limit },
  });
}
