import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultHook, FaultRequest } from './fault.ts';
import type { Reply } from './reply.ts';

/** A request as it came in. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly url: URL;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

export interface HttpOptions {
  readonly environment: string;
  /** Which of the environment's servers this is; faults are told it. */
  readonly server: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: as many as the client likes. */
  readonly requestsPerConnection?: number;
  /** The statuses after which the connection is closed. Default: none. */
  readonly closesAfter?: ReadonlySet<number>;
  /**
   * Carries a request out, up to the first piece of its answer. What it throws while the client is there is told to
   * `onError`, and the client finds the connection closed.
   */
  readonly answer: (exchange: Exchange) => Promise<Reply>;
  readonly onRequest?: FaultHook;
  /** Told of every failure that is the server's own. */
  readonly onError: (error: unknown) => void;
}

export interface HttpServer {
  readonly url: string;
  /** Breaks off what is running. */
  stop(): Promise<void>;
}

/** Uploads of a million users take minutes on a slow machine. */
const REQUEST_TIMEOUT_MILLISECONDS = 30 * 60_000;

/** As Tomcat has it; Node's own five seconds make clients meet connections that are just closing. */
const KEEP_ALIVE_MILLISECONDS = 60_000;

/** Serves HTTP on a loopback port. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const running = new Set<Promise<void>>();
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      const work = serve(options, request, response).finally(() => running.delete(work));
      running.add(work);
    },
  );
  server.maxRequestsPerSocket = options.requestsPerConnection ?? 0;
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
  // An answer that is out needs nobody to be told; each abort costs an exception with its stack.
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  // A request that breaks off emits an error; whoever reads the body sees it, and nobody else needs to.
  request.on('error', () => gone.abort());
  try {
    const url = targetOf(request);
    const fault = options.onRequest && (await options.onRequest(faultRequest(options, request, url)));
    if (fault?.delayMilliseconds) await sleep(fault.delayMilliseconds, undefined, { signal: gone.signal });
    if (fault?.kind === 'refuse') return void response.destroy();
    const reply =
      fault?.kind === 'answer' ? fault : await options.answer({ request, url, signal: gone.signal });
    if (fault?.kind === 'loseAnswer') return await lose(reply, response);
    if (options.closesAfter?.has(reply.status)) response.setHeader('connection', 'close');
    await send(response, reply, fault, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) options.onError(error);
    response.destroy();
  }
}

/** A stream that was begun holds what it reads from until it is told that nobody reads on. */
async function lose({ body }: Reply, response: ServerResponse): Promise<void> {
  response.destroy();
  if (typeof body === 'object') await body[Symbol.asyncIterator]().return?.();
}

function targetOf(request: IncomingMessage): URL {
  const target = request.url ?? '/';
  // Glued together, not resolved: a path that begins with two slashes would name a host.
  return target.startsWith('/') ? new URL(`http://sandbox${target}`) : new URL(target, 'http://sandbox');
}

function faultRequest(options: HttpOptions, request: IncomingMessage, url: URL): FaultRequest {
  return {
    environment: options.environment,
    server: options.server,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
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
  if (typeof body === 'string' && !cut && response.req.complete) return void response.end(body);
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
