import { Refusal, refusalReply, type Piece, type Reply } from './reply.ts';
import { findRoute, type Route } from './router.ts';
import type { Exchange } from './server.ts';
import type { Tokens } from './tokens.ts';

/** Answers by a table of routes, those for administrators only with a bearer token; refusals in the documented form. */
export function bearerRoutes(
  routes: readonly Route[],
  tokens: Tokens,
  onError: (error: unknown) => void,
): (exchange: Exchange) => Promise<Reply> {
  return async ({ request, url, signal }) => {
    try {
      const { route, parameters } = findRoute(routes, request.method ?? 'GET', url.pathname);
      if (route.access === 'admin') authorise(tokens, request.headers.authorization);
      const reply = await route.handle({ request, query: url.searchParams, parameters, signal });
      return typeof reply.body === 'object' ? { ...reply, body: await primed(reply.body) } : reply;
    } catch (error) {
      if (error instanceof Refusal) return refusalReply(error);
      if (signal.aborted) throw error;
      onError(error);
      return refusalReply(new Refusal(500, 'INTERNAL_ERROR', 'An unexpected error occurred.'));
    }
  };
}

function authorise(tokens: Tokens, header: string | undefined): void {
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (token === undefined)
    throw new Refusal(401, 'UNAUTHORIZED', 'A bearer token is required.', {
      headers: { 'www-authenticate': 'Bearer realm="opengate"' },
    });
  const client = tokens.check(token);
  if (!client)
    throw new Refusal(401, 'INVALID_TOKEN', 'The bearer token is not valid or has expired.', {
      headers: { 'www-authenticate': 'Bearer realm="opengate", error="invalid_token"' },
    });
  if (!client.admin)
    throw new Refusal(403, 'ACCESS_DENIED', `The client ${client.clientId} may not use the Admin API.`, {
      headers: { 'www-authenticate': 'Bearer realm="opengate", error="insufficient_scope"' },
    });
}

/** Waits for the first piece, so that a refusal found there still has its status. */
async function primed(body: AsyncIterable<Piece>): Promise<AsyncIterable<Piece>> {
  const pieces = body[Symbol.asyncIterator]();
  let first: IteratorResult<Piece> | undefined = await pieces.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const result = first ?? (await pieces.next());
        first = undefined;
        return result;
      },
      return: async () => {
        await pieces.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}
