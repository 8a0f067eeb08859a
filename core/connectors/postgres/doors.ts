import { isAppError } from '../../../contract/errors.ts';
import type { Address } from './address.ts';
import { openClient } from './connect.ts';

/** A server is reached through one of its databases. Where the address names none, these are tried one after the other. */
export function doorsOf(address: Address): string[] {
  return address.database === undefined ? ['postgres', 'template1', address.user] : [address.database];
}

/** @throws AppError why the first door is closed, or what would be the same at every door */
export async function openADoor(
  address: Address,
  doors: readonly string[],
  signal: AbortSignal,
): ReturnType<typeof openClient> {
  let refusal: unknown;
  for (const door of new Set(doors)) {
    try {
      return await openClient(address, door, signal);
    } catch (error) {
      refusal ??= error;
      if (!isOfTheDatabase(error)) throw error;
    }
  }
  throw refusal;
}

/**
 * No such database, no right to connect to it, or it takes no connections: another one may. pg_hba.conf may have entries
 * by database (28000), and pgbouncer answers 08P01 for what it does not serve.
 */
function isOfTheDatabase(error: unknown): boolean {
  return isAppError(error) && OF_THE_DATABASE.has(String(error.details['sqlState']));
}

const OF_THE_DATABASE = new Set(['3D000', '42501', '28000', '08P01', '55000']);
