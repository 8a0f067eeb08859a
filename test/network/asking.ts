import { inspect } from 'node:util';
import { expect } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { Connector } from '../../core/connectors/connector.ts';

const signal = new AbortController().signal;

/** How many users of realm acme are read. */
export async function usersOf(connector: Connector): Promise<number> {
  let users = 0;
  for await (const { section, records } of connector.capture('acme', {}, signal).batches)
    if (section === 'users') users += records.length;
  return users;
}

/** What the work fails with, which must not show what is hidden, however deep one looks. */
export async function failureOf(work: Promise<unknown>, hidden: readonly string[]): Promise<AppError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const shown = inspect(error, { depth: 20, showHidden: true });
  for (const text of hidden) expect(shown).not.toContain(text);
  return error as AppError;
}
