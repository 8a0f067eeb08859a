import { AppError, isAppError } from '../../../contract/errors.ts';

export function damaged(what: string, details: Record<string, unknown> = {}): AppError {
  return new AppError('CATALOG_DAMAGED', what, {
    notChanged: 'Nothing was changed.',
    remedy: 'Run “drawbridge snapshot verify” to learn which snapshots are affected.',
    details,
  });
}

/** What the work gives, or the sentence that says what is damaged. Other errors are thrown on. */
export function whole<T>(
  work: () => T,
):
  | { readonly value: T; readonly damage?: undefined }
  | { readonly value?: undefined; readonly damage: string } {
  try {
    return { value: work() };
  } catch (error) {
    if (isAppError(error, 'CATALOG_DAMAGED')) return { damage: error.message };
    throw error;
  }
}
