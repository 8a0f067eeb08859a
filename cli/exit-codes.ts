import type { ErrorCode } from '../contract/errors.ts';

/** What the process says with its exit code. Scripts branch on these: never change one, only add. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  different: 3,
  confirmationNeeded: 4,
  environment: 5,
  targetChanged: 6,
  itemFailures: 7,
  catalog: 8,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  AMBIGUOUS: EXIT.usage,
  INVALID_NAME: EXIT.usage,
  SAME_REALM: EXIT.usage,
  // What was named is well-formed and simply not there: a pipeline may want to tell that from a wrong command line.
  NOT_FOUND: EXIT.failed,

  UNREACHABLE: EXIT.environment,
  TLS_FAILED: EXIT.environment,
  TIMEOUT: EXIT.environment,
  AUTH_FAILED: EXIT.environment,
  FORBIDDEN: EXIT.environment,
  RATE_LIMITED: EXIT.environment,
  SERVER_ERROR: EXIT.environment,
  UNEXPECTED_ANSWER: EXIT.environment,
  REQUEST_REFUSED: EXIT.environment,
  CONNECTION_LOST: EXIT.environment,
  // The environment is well and answered; the work cannot be done as asked.
  REALM_NOT_FOUND: EXIT.failed,
  REALM_EXISTS: EXIT.failed,
  CLIENT_EXISTS: EXIT.failed,
  UNSUPPORTED_BY_ROUTE: EXIT.failed,
  SCHEMA_UNSUPPORTED: EXIT.environment,
  TARGET_LOCKED: EXIT.environment,

  INVALID_DOCUMENT: EXIT.failed,
  DOCUMENT_TOO_LARGE: EXIT.failed,
  DUPLICATE_KEY: EXIT.failed,
  // How the program was called, like a variable that a flag names.
  VARIABLE_UNDEFINED: EXIT.usage,

  CATALOG_MISSING: EXIT.catalog,
  CATALOG_LOCKED: EXIT.catalog,
  CATALOG_NEWER: EXIT.catalog,
  CATALOG_DAMAGED: EXIT.catalog,
  WRONG_KEY: EXIT.catalog,
  PASSPHRASE_NEEDED: EXIT.catalog,
  KEYCHAIN_FAILED: EXIT.catalog,
  DISK_FULL: EXIT.failed,
  FILE_FAILED: EXIT.failed,
  RETENTION_REFUSED: EXIT.failed,

  PLAN_BLOCKED: EXIT.failed,
  CONFIRMATION_NEEDED: EXIT.confirmationNeeded,
  TARGET_CHANGED: EXIT.targetChanged,
  HALF_WRITTEN: EXIT.failed,
  // The plan's target, source or rules are no longer what it was computed from: like a changed target, plan anew.
  PLAN_OUTDATED: EXIT.targetChanged,
  VERIFICATION_FAILED: EXIT.failed,
  ITEM_FAILURES: EXIT.itemFailures,
  CANCELED: EXIT.failed,

  SANDBOX_FAILED: EXIT.failed,
  INTERNAL: EXIT.failed,
};

/** The one mapping from what went wrong to the exit code. An interruption by a signal is not an error and not here. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return BY_ERROR[code];
}
