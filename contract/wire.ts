import { ORPCError } from '@orpc/contract';
import { AppError, ERROR_CODES, isAppError, type ErrorCode } from './errors.ts';
import { inputName } from './input-names.ts';

/** Our error as oRPC carries it: typed, with what the reader needs and without the cause. */
export function toWire(error: AppError): ORPCError<ErrorCode, unknown> {
  return new ORPCError(error.code, {
    defined: true,
    message: error.message,
    data: { notChanged: error.notChanged, remedy: error.remedy, details: error.details },
    cause: error,
  });
}

/** What a client caught, as our error again. Anything that is not one of ours is a defect and says so. */
export function fromWire(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (!(error instanceof ORPCError)) return internal(error);
  if (error.code === 'BAD_REQUEST') return refusedInput(error);
  if (!(ERROR_CODES as readonly string[]).includes(error.code)) return internal(error);
  const data = (error.data ?? {}) as {
    notChanged?: string;
    remedy?: string;
    details?: Record<string, unknown>;
  };
  return new AppError(error.code as ErrorCode, error.message, { ...data, cause: error });
}

function refusedInput(error: ORPCError<string, unknown>): AppError {
  const issues =
    (error.data as { issues?: { path?: PropertyKey[]; message: string }[] } | undefined)?.issues ?? [];
  const lines = issues.map(
    (issue) => `${inputName((issue.path ?? []).map(String).join('.'))}: ${issue.message}`,
  );
  return new AppError('USAGE', lines.length > 0 ? `Refused: ${lines.join('; ')}.` : error.message, {
    notChanged: 'Nothing was started.',
    remedy: 'Correct what is named and try again.',
    details: { issues: lines },
    cause: error,
  });
}

function internal(error: unknown): AppError {
  return new AppError('INTERNAL', `Drawbridge met an error it does not know: ${messageOf(error)}`, {
    remedy: 'This is a defect of Drawbridge. Please report it with this message.',
    cause: error,
  });
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whatever was thrown, as our error. */
export function asAppError(error: unknown): AppError {
  return isAppError(error) ? error : fromWire(error);
}
