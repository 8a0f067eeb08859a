import { once } from 'node:events';
import {
  Agent,
  createServer as createHttp,
  request as ask,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { madeRandom } from './made-random.ts';

/**
 * What can happen to a call on its way. Those named `…-after` have reached the server, which has done what it was asked;
 * the others have not, but for `latency`, `slow` and the truncated answers.
 */
export const FAULTS = [
  /** The answer comes later. */
  'latency',
  'reset-before',
  'reset-after',
  /** Half of the answer's body, of which the whole length was announced. */
  'truncated-length',
  /** Half of it in chunks, and no last chunk. */
  'truncated-chunks',
  /** Half of it without any length: the closed connection is its end, as far as HTTP knows. */
  'truncated-closed',
  /** 429 with `Retry-After` in seconds, and as a date. */
  'limited-seconds',
  'limited-date',
  /** 502 and 503 for a while, for every call. */
  'burst',
  'bad-gateway-after',
  /** A byte at a time. */
  'slow',
  'redirect',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultPlan {
  readonly seed: number;
  /** How likely each fault is for one call, 0 to 1. */
  readonly rates: Partial<Record<Fault, number>>;
  /** What the first calls meet, one after the other, before it is left to chance. */
  readonly first?: readonly Fault[];
  /** Which calls are to be disturbed; undefined: all. */
  readonly disturbs?: (call: { readonly method: string; readonly path: string }) => boolean;
  /** Milliseconds that `latency` takes. Default 20. */
  readonly latencyMs?: number;
  /** Milliseconds between two bytes of a `slow` answer. Default 1000. */
  readonly byteEveryMs?: number;
  /** Milliseconds that a `burst` lasts. Default 150. */
  readonly burstMs?: number;
  /** Seconds that `Retry-After` asks for. Default 1. */
  readonly retryAfterSeconds?: number;
  /** Where `redirect` points. */
  readonly elsewhere?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface FaultProxy {
  readonly url: string;
  /** How many calls came, and how many met each fault (`burst`: calls that were refused by one). */
  readonly calls: number;
  readonly met: Readonly<Record<Fault, number>>;
  /** Calls that failed, in all: those of latency and slow answers did not. */
  readonly failed: number;
  close(): Promise<void>;
}

/** Stands between a client and the HTTP server at `target`, and disturbs what passes, by chance but from a seed. */
export async function startFaultProxy(target: string, plan: FaultPlan): Promise<FaultProxy> {
  const between = new Between(target, plan);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // Whoever asked is gone in the middle of it: nobody is left to answer.
    between.pass(request, response).catch(() => response.socket?.destroy());
  };
  const server: Server = plan.tls === undefined ? createHttp(handle) : createHttps(plan.tls, handle);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${plan.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    get calls() {
      return between.calls;
    },
    met: between.met,
    get failed() {
      return FAULTS.reduce((sum, fault) => sum + (HARMLESS.has(fault) ? 0 : between.met[fault]), 0);
    },
    async close() {
      between.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const HARMLESS: ReadonlySet<Fault> = new Set(['latency', 'slow']);

class Between {
  calls = 0;
  readonly met = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  readonly #target: URL;
  readonly #plan: FaultPlan;
  readonly #random: () => number;
  readonly #upstream = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #closing = new AbortController();
  readonly #first: Fault[];
  #burstUntil = 0;

  constructor(target: string, plan: FaultPlan) {
    this.#target = new URL(target);
    this.#plan = plan;
    this.#random = madeRandom(plan.seed);
    this.#first = [...(plan.first ?? [])];
  }

  close(): void {
    this.#closing.abort();
    this.#upstream.destroy();
  }

  async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls++;
    const fault = this.#chosen(request);
    if (fault !== undefined) this.met[fault]++;
    if (fault !== undefined && BEFORE.has(fault)) return this.#insteadOfServer(fault, request, response);
    const answer = await this.#forward(request);
    if (fault === undefined) {
      response.writeHead(answer.statusCode!, passedOn(answer));
      answer.pipe(response);
      // Otherwise an answer that the server breaks off would never end for the client.
      answer.on('error', () => response.destroy());
      return;
    }
    await this.#disturbed(fault, answer, response);
  }

  #chosen(request: IncomingMessage): Fault | undefined {
    const { disturbs, rates, burstMs = 150 } = this.#plan;
    if (disturbs?.({ method: request.method!, path: request.url! }) === false) return undefined;
    if (performance.now() < this.#burstUntil) return 'burst';
    const scripted = this.#first.shift();
    if (scripted !== undefined) return scripted;
    let at = this.#random();
    for (const fault of FAULTS) {
      at -= rates[fault] ?? 0;
      if (at >= 0) continue;
      if (fault === 'burst') this.#burstUntil = performance.now() + burstMs;
      return fault;
    }
    return undefined;
  }

  #insteadOfServer(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
    if (fault === 'reset-before') {
      request.socket.resetAndDestroy();
      return;
    }
    request.resume();
    const { retryAfterSeconds = 1, elsewhere = 'http://elsewhere.invalid' } = this.#plan;
    if (fault === 'redirect') return reply(response, 302, { location: `${elsewhere}${request.url}` });
    if (fault === 'burst') {
      const status = this.#random() < 0.5 ? 502 : 503;
      return reply(response, status, { 'content-type': 'text/html' }, `<title>${status}</title>`);
    }
    const date = new Date(Date.now() + retryAfterSeconds * 1000).toUTCString();
    reply(response, 429, {
      'content-type': 'application/json',
      'retry-after': fault === 'limited-date' ? date : String(retryAfterSeconds),
    });
  }

  async #forward(request: IncomingMessage): Promise<IncomingMessage> {
    const { hostname, port } = this.#target;
    const asked = ask({
      hostname,
      port,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, host: this.#target.host },
      agent: this.#upstream,
      signal: this.#closing.signal,
    });
    request.pipe(asked);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }

  /** What becomes of an answer that the server has given. */
  async #disturbed(fault: Fault, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>));
    const headers = passedOn(answer);
    const half = body.subarray(0, Math.floor(body.length / 2));
    const status = answer.statusCode!;
    switch (fault) {
      case 'reset-after':
        response.socket?.resetAndDestroy();
        return;
      case 'bad-gateway-after':
        return reply(response, 502, { 'content-type': 'text/html' }, '<title>502 Bad Gateway</title>');
      case 'truncated-length':
        response.writeHead(status, { ...withoutLength(headers), 'content-length': body.length });
        return breakOff(response, half);
      case 'truncated-chunks':
        response.writeHead(status, { ...withoutLength(headers), 'transfer-encoding': 'chunked' });
        return breakOff(response, half);
      case 'truncated-closed':
        // Node.js would add chunks or a length: written past it.
        response.socket?.end(
          Buffer.concat([
            Buffer.from(
              `HTTP/1.1 ${status} -\r\ncontent-type: ${answer.headers['content-type'] ?? 'text/plain'}\r\nconnection: close\r\n\r\n`,
            ),
            half,
          ]),
        );
        return;
      case 'slow': {
        response.writeHead(status, { ...withoutLength(headers), 'content-length': body.length });
        for (let at = 0; at < body.length && !response.destroyed; at++) {
          response.write(body.subarray(at, at + 1));
          await wait(this.#plan.byteEveryMs ?? 1000, undefined, { signal: this.#closing.signal });
        }
        response.end();
        return;
      }
      default:
        await wait(this.#plan.latencyMs ?? 20, undefined, { signal: this.#closing.signal });
        response.writeHead(status, { ...withoutLength(headers), 'content-length': body.length });
        response.end(body);
    }
  }
}

/** Faults of calls that do not reach the server. */
const BEFORE: ReadonlySet<Fault> = new Set([
  'reset-before',
  'limited-seconds',
  'limited-date',
  'burst',
  'redirect',
]);

function breakOff(response: ServerResponse, half: Buffer): void {
  response.flushHeaders();
  response.write(half, () => response.socket?.destroy());
}

function reply(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body = '{}'): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function passedOn({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const { connection: _hop, 'keep-alive': _alive, ...rest } = headers;
  return rest;
}

function withoutLength(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const { 'content-length': _length, 'transfer-encoding': _coding, ...rest } = headers;
  return rest;
}
