import { AppError, isAppError } from '../../../../contract/errors.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { ApplyItem } from '../../connector.ts';

const NOTHING_WRITTEN = 'Nothing was written: what had been prepared in each database was undone.';
const LOOK_AGAIN = 'Compare again, and decide upon what is there now.';

/** As `error`, and says that no database was written. */
export function nothingWritten(error: unknown): AppError {
  const { code, message, remedy, details } = isAppError(error)
    ? error
    : new AppError('INTERNAL', error instanceof Error ? error.message : String(error));
  return new AppError(code, message, {
    notChanged: NOTHING_WRITTEN,
    remedy,
    details: { ...details, outcome: 'refused' },
    cause: error,
  });
}

export function targetChanged(text: string, details: Record<string, unknown> = {}): AppError {
  return new AppError('TARGET_CHANGED', text, { remedy: LOOK_AGAIN, details });
}

/** A record is there that should not be, or is not that should. */
export function recordChanged({
  section,
  key,
  action,
}: Pick<ApplyItem, 'section' | 'key' | 'action'>): AppError {
  const found =
    action === 'create'
      ? 'is there already: somebody created it meanwhile'
      : 'is gone: somebody removed it meanwhile';
  return targetChanged(`“${displayKey(key)}” (${section}) ${found}.`, { section, key: displayKey(key) });
}

/** A set-based statement has to touch as many rows as were staged for it. */
export function requireCount(found: number, expected: number, what: string): void {
  if (found !== expected)
    throw targetChanged(
      `${found.toLocaleString('en')} ${what} were written where ${expected.toLocaleString('en')} should have been: somebody changed the rest meanwhile, or a rule of the database kept them.`,
    );
}

/** As details of an error from PostgreSQL have it (postgres-errors.ts). */
export function isServerState(error: unknown, state: string): error is AppError {
  return isAppError(error) && error.details['sqlState'] === state;
}
