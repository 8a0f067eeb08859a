import { implement } from '@orpc/server';
import { contract } from '../../contract/contract.ts';
import { asAppError, toWire } from '../../contract/wire.ts';
import { isAppError } from '../../contract/errors.ts';

/** Has every procedure's errors leave as the contract's typed ones. */
export async function asContractErrors<T>({ next }: { next: () => T | PromiseLike<T> }): Promise<T> {
  try {
    return await next();
  } catch (error) {
    // oRPC's own errors (a refused input) pass as they are; ours and unknown ones are given their wire form.
    if (isAppError(error) || !isOrpcError(error)) throw toWire(asAppError(error));
    throw error;
  }
}

/** The contract, ready to be implemented. */
export const implementer = implement(contract).use(asContractErrors);

function isOrpcError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ORPCError';
}
