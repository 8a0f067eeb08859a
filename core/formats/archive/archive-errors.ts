import { AppError } from '../../../contract/errors.ts';

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

export function archiveTooLarge(name: string, what: string, limit: number): AppError {
  return new AppError('DOCUMENT_TOO_LARGE', `The archive “${name}” is refused: ${what}.`, {
    notChanged: 'Nothing of it was stored.',
    remedy: 'Check where it comes from: no archive of realms comes near this limit.',
    details: { archive: name, limit },
  });
}
