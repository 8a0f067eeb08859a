import { expect, test } from 'vitest';
import { ERROR_CODES } from '../contract/errors.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';

test('every error code has an exit code, and none of them says that all went well or that something differs', () => {
  for (const code of ERROR_CODES) {
    expect(
      [
        EXIT.failed,
        EXIT.usage,
        EXIT.confirmationNeeded,
        EXIT.environment,
        EXIT.targetChanged,
        EXIT.itemFailures,
        EXIT.catalog,
      ],
      code,
    ).toContain(exitCodeOf(code));
  }
});

test('the exit codes that scripts depend on', () => {
  expect(EXIT).toEqual({
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
  });
  const samples = {
    USAGE: 2,
    CONFIRMATION_NEEDED: 4,
    UNREACHABLE: 5,
    AUTH_FAILED: 5,
    FORBIDDEN: 5,
    TARGET_CHANGED: 6,
    ITEM_FAILURES: 7,
    CATALOG_LOCKED: 8,
    CATALOG_DAMAGED: 8,
    WRONG_KEY: 8,
    VERIFICATION_FAILED: 1,
    INTERNAL: 1,
  } as const;
  for (const [code, exitCode] of Object.entries(samples)) {
    expect(exitCodeOf(code as keyof typeof samples), code).toBe(exitCode);
  }
});
