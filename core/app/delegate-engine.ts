import { isContractProcedure } from '@orpc/contract';
import { contract } from '../../contract/contract.ts';
import type { EngineClient } from '../engine/index.ts';
import { implementer } from '../engine/implementer.ts';

type Call = (input: unknown, options: { signal?: AbortSignal | undefined }) => Promise<unknown>;
type Tree = { readonly [name: string]: unknown };

/**
 * Every procedure of the engine's contract, answered by the engine that is open at the time of the call: a window stays
 * connected while catalogs are opened and closed behind it.
 *
 * @param client throws where no catalog is open
 */
export function delegatedEngine(client: () => EngineClient): Tree {
  return delegated(contract, implementer as unknown as Tree, []);

  function delegated(part: Tree, implementers: Tree, path: readonly string[]): Tree {
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => {
        const next = implementers[name];
        if (!isContractProcedure(inner))
          return [name, delegated(inner as Tree, next as Tree, [...path, name])];
        const procedure = next as { handler: (handle: (call: HandledCall) => Promise<unknown>) => unknown };
        return [name, procedure.handler(({ input, signal }) => find([...path, name])(input, { signal }))];
      }),
    );
  }

  function find(path: readonly string[]): Call {
    return path.reduce<unknown>((found, name) => (found as Tree)[name], client()) as Call;
  }
}

interface HandledCall {
  readonly input: unknown;
  readonly signal?: AbortSignal | undefined;
}
