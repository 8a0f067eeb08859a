/**
 * Every error code Drawbridge can report. Closed on purpose: scripts branch on these words, the guide lists each with
 * its remedy, and the CLI maps them to exit codes. Add one here before using it anywhere.
 */
export const ERROR_CODES = [
  // How the program was called
  'USAGE',
  'NOT_FOUND',
  'AMBIGUOUS',
  'INVALID_NAME',
  'SAME_REALM',
  // An environment over the network
  'UNREACHABLE',
  'TLS_FAILED',
  'TIMEOUT',
  'AUTH_FAILED',
  'FORBIDDEN',
  'REALM_NOT_FOUND',
  'REALM_EXISTS',
  'CLIENT_EXISTS',
  'RATE_LIMITED',
  'SERVER_ERROR',
  'UNEXPECTED_ANSWER',
  'REQUEST_REFUSED',
  'CONNECTION_LOST',
  'UNSUPPORTED_BY_ROUTE',
  'SCHEMA_UNSUPPORTED',
  'TARGET_LOCKED',
  // Documents and records
  'INVALID_DOCUMENT',
  'DOCUMENT_TOO_LARGE',
  'DUPLICATE_KEY',
  'VARIABLE_UNDEFINED',
  // The catalog
  'CATALOG_MISSING',
  'CATALOG_LOCKED',
  'CATALOG_NEWER',
  'CATALOG_DAMAGED',
  'WRONG_KEY',
  'PASSPHRASE_NEEDED',
  'KEYCHAIN_FAILED',
  'DISK_FULL',
  'FILE_FAILED',
  'RETENTION_REFUSED',
  // Plans and jobs
  'PLAN_BLOCKED',
  'CONFIRMATION_NEEDED',
  'TARGET_CHANGED',
  'HALF_WRITTEN',
  'PLAN_OUTDATED',
  'VERIFICATION_FAILED',
  'ITEM_FAILURES',
  'CANCELED',
  // The local OpenGate stand-in
  'SANDBOX_FAILED',
  // A defect of Drawbridge itself
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorFacts {
  /** What was left as it was, as a sentence ("The target realm was not changed."). Empty only when nothing could have changed. */
  notChanged?: string;
  /** What the reader should do next, as a sentence. */
  remedy?: string;
  /** Structured facts for machines: never a secret. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** The only error that crosses a room's border. Foreign errors are translated into one where they enter. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly notChanged: string;
  readonly remedy: string;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.notChanged = facts.notChanged ?? '';
    this.remedy = facts.remedy ?? '';
    this.details = facts.details ?? {};
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** Throws `CANCELED` when the signal has fired; the one place that turns an abort into our error. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('CANCELED', 'Canceled.', { cause: signal.reason });
}

/** An error as a member of something that is shown or stored: without its cause. */
export function errorView({
  code,
  message,
  notChanged,
  remedy,
  details,
}: Pick<AppError, 'code' | 'message' | 'notChanged' | 'remedy' | 'details'>): {
  code: ErrorCode;
  message: string;
  notChanged: string;
  remedy: string;
  details: Record<string, unknown>;
} {
  return { code, message, notChanged, remedy, details };
}
