import type { JsonValue } from '../../../model/record.ts';
import type { ApiCall } from '../api-client.ts';
import { statusOf } from '../retry.ts';
import type { ReleasedTools } from './tools.ts';

/** One capture of one realm while it goes on. */
export interface Reading {
  readonly tools: ReleasedTools;
  readonly realm: string;
  /** Counts calls that were repeated. */
  readonly onRetry: () => void;
}

/** A look-up. @param to completes "could not …" @throws AppError */
export async function call(
  { tools, onRetry }: Reading,
  to: string,
  url: string,
  signal: AbortSignal,
  more: Pick<ApiCall, 'serverErrors'> | false = false,
): Promise<JsonValue | undefined> {
  return await tools.client.json({
    method: 'GET',
    url,
    purpose: { to, notChanged: 'No snapshot was made of what had arrived; nothing was changed.' },
    repeatable: true,
    signal,
    onRetry,
    ...more,
  });
}

/** Behind the Admin API a user that is not there is a bare 500. @throws AppError for other failures */
export async function userExists(reading: Reading, id: string, signal: AbortSignal): Promise<boolean> {
  const url = reading.tools.endpoints.user(reading.realm, id);
  try {
    await call(reading, `look for a user of realm “${reading.realm}”`, url, signal, {
      serverErrors: 'throw',
    });
    return true;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 500) return false;
    throw error;
  }
}
