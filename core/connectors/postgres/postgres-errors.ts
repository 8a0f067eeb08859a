import { AppError, isAppError } from '../../../contract/errors.ts';

/** What PostgreSQL or the line to it said, as ours. Never repeats values: `detail` of a server's message may hold them. */
export function translated(error: unknown): AppError {
  if (isAppError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('SERVER_ERROR', `PostgreSQL: ${message}`, { cause: error });
}
