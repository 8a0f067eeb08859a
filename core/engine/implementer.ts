import { implement } from '@orpc/server';
import { contract } from '../../contract/contract.ts';
import { asAppError, toWire } from '../../contract/wire.ts';
import { isAppError } from '../../contract/errors.ts';

/** The contract, ready to be implemented; every procedure's errors leave as the contract's typed ones. */
export const implementer = implement(contract).use(async ({ next }) => {
  try {
    return await next();
  } catch (error) {
    // oRPC's own errors (a refused input) pass as they are; ours and unknown ones are given their wire form.
    if (isAppError(error) || !isOrpcError(error)) throw toWire(asAppError(error));
    throw error;
  }
});

function isOrpcError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ORPCError';
}
