import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultHook } from './fault.ts';
import { Refusal, refusalReply, type Piece, type Reply } from './reply.ts';
import { findRoute, type Route } from './router.ts';
import type { Tokens } from './tokens.ts';

export interface HttpOptions {
  readonly environment: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  readonly onRequest?: FaultHook;
  /** Told of every failure that is the server's own; clients get a bare 500. */
  readonly onError: (error: unknown) => void;
}

export interface HttpServer {
  readonly url: string;
  /** Breaks off what is running. */
  stop(): Promise<void>;
}

/** Uploads of a million users take minutes on a slow machine. */
const REQUEST_TIMEOUT_MILLISECONDS = 30 * 60_000;

/** Serves the routes of one dialect on a loopback port. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const running = new Set<Promise<void>>();
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MILLISECONDS, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      const work = serve(options, request, response).finally(() => running.delete(work));
      running.add(work);
    },
  );
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(server, running) };
}

async function stop(server: Server, running: ReadonlySet<Promise<void>>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  // Handlers notice that their client has gone and roll back: the databases must outlive them.
  await Promise.all(running);
}

async function serve(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  // A request that breaks off emits an error; whoever reads the body sees it, and nobody else needs to.
  request.on('error', () => gone.abort());
  try {
    const fault = await askForFault(options, request);
    if (fault?.delayMilliseconds) await sleep(fault.delayMilliseconds, undefined, { signal: gone.signal });
    if (fault?.kind === 'refuse') return void response.destroy();
    const reply = fault?.kind === 'answer' ? fault : await answer(options, request, gone.signal);
    if (fault?.kind === 'loseAnswer') return void response.destroy();
    await send(response, reply, fault, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) options.onError(error);
    response.destroy();
  }
}

async function askForFault(options: HttpOptions, request: IncomingMessage): Promise<Fault | undefined> {
  if (!options.onRequest) return undefined;
  const url = parseTarget(request);
  return options.onRequest({
    environment: options.environment,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
  });
}

function parseTarget(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://sandbox');
}

/** Carries the request out up to the first piece of its answer, so that a refusal found there still has its status. */
async function answer(options: HttpOptions, request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
  try {
    const url = parseTarget(request);
    const { route, parameters } = findRoute(options.routes, request.method ?? 'GET', url.pathname);
    if (route.access === 'admin') authorise(options.tokens, request.headers.authorization);
    const reply = await route.handle({ request, query: url.searchParams, parameters, signal });
    return typeof reply.body === 'object' ? { ...reply, body: await primed(reply.body) } : reply;
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(error);
    if (signal.aborted) throw error;
    options.onError(error);
    return refusalReply(new Refusal(500, 'INTERNAL_ERROR', 'An unexpected error occurred.'));
  }
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

async function send(
  response: ServerResponse,
  reply: Reply,
  fault: Fault | undefined,
  signal: AbortSignal,
): Promise<void> {
  const cut = cutOf(fault);
  const { body = '' } = reply;
  const length = typeof body === 'string' && !cut ? { 'content-length': Buffer.byteLength(body) } : {};
  response.writeHead(reply.status, {
    ...(typeof body === 'object' && { 'content-type': 'application/json;charset=UTF-8' }),
    ...reply.headers,
    ...(reply.status === 204 ? {} : length),
  });
  // A cut before the first byte of the body comes after the head all the same.
  if (cut) response.flushHeaders();
  let room = cut?.bytes ?? Infinity;
  for await (const piece of typeof body === 'string' ? [body] : body) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const fits = bytes.length <= room ? bytes : bytes.subarray(0, room);
    room -= fits.length;
    if (fits.length > 0 && !response.write(fits)) await once(response, 'drain', { signal });
    if (signal.aborted) return;
    if (room === 0) break;
  }
  if (room > 0 || !cut) {
    await readAway(response.req, signal);
    return void response.end();
  }
  if (cut.kind === 'truncateAfter') response.end();
  else if (cut.kind === 'breakAfter') response.socket?.destroySoon();
  // stallAfter: the connection stays as it is until somebody gives up.
  else await once(response, 'close');
}

/**
 * Reads what is left of a body that was refused early. The answer is on its way by then, but its end may close the
 * connection, and a client that is still sending would find that instead of the answer.
 */
async function readAway(request: IncomingMessage, signal: AbortSignal): Promise<void> {
  if (request.complete) return;
  request.resume();
  await once(request, 'end', { signal });
}

type Cut = Extract<Fault, { readonly bytes: number }>;

function cutOf(fault: Fault | undefined): Cut | undefined {
  switch (fault?.kind) {
    case 'breakAfter':
    case 'truncateAfter':
    case 'stallAfter':
      return fault;
    default:
      return undefined;
  }
}
