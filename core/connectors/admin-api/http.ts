import type { IncomingHttpHeaders } from 'node:http';
import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import { AppError } from '../../../contract/errors.ts';
import { networkError } from './network-errors.ts';
import { Pace } from './pace.ts';
import { proxyFor, type Proxy, type ProxyVariables } from './proxy.ts';
import type { Timeouts } from './settings.ts';
import { proxyConnector, ProxyFailure, tunnelConnector } from './tunnel.ts';
import { readToEnd } from './whole-answer.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Milliseconds until the answer's first byte. */
  readonly answerMs: number;
  readonly signal: AbortSignal;
}

interface AnswerHead {
  readonly status: number;
  /** Origin and path of the request, without its query: fit for messages. */
  readonly address: string;
  /** The proxy it came through, as messages name it. */
  readonly proxy: string | undefined;
  header(name: string): string | undefined;
}

export interface WholeAnswer extends AnswerHead {
  readonly text: string;
  /** It was longer. */
  readonly cut: boolean;
}

/** An answer whose body has not been read yet: exactly one of `whole`, `bytes` and `discard` must be called. */
export interface HttpAnswer extends AnswerHead {
  /** At most `limit` bytes of the body; the rest is dropped, with the connection. */
  whole(limit: number): Promise<WholeAnswer>;
  /** The body as it arrives, with back-pressure. @throws AppError CONNECTION_LOST, TIMEOUT, CANCELED */
  bytes(): AsyncIterable<Uint8Array>;
  discard(): void;
}

export interface TlsTrust {
  readonly ca?: string[];
  readonly rejectUnauthorized: boolean;
}

/** Which certificates are trusted: a private CA comes beside the usual ones, not in their place. */
export function tlsTrust(settings: {
  caPem?: string | undefined;
  insecureTls?: boolean | undefined;
}): TlsTrust {
  return {
    rejectUnauthorized: settings.insecureTls !== true,
    ...(settings.caPem === undefined ? {} : { ca: [...getCACertificates('default'), settings.caPem] }),
  };
}

/** How requests to one server travel. */
interface Way {
  readonly pool: Dispatcher;
  /** Whether there is a proxy on the way. */
  readonly proxy: Proxy | undefined;
  /** Whether that proxy is handed whole requests, or only asked for a connection. */
  readonly forwards: boolean;
}

/**
 * Pools of connections, kept alive: one for each server, or for each proxy on the way. HTTP/1.1 only: one connection that
 * breaks off costs one call. Redirects are not followed: credentials would go where nobody chose to send them.
 */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #ways = new Map<string, Way>();
  readonly #direct: Agent;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#direct = this.#pool({ ...options.trust, timeout: options.timeouts.connectMs });
  }

  /** The proxy on the way to this server, if any. @throws AppError USAGE when a variable names none that can be used */
  proxyOf(origin: string): Proxy | undefined {
    return this.#wayTo(origin).proxy;
  }

  /**
   * An answer that is read whole.
   *
   * @param bytes how much of its body is read at most, by its status
   * @throws AppError UNREACHABLE, TLS_FAILED, TIMEOUT, CONNECTION_LOST, UNEXPECTED_ANSWER, CANCELED, USAGE
   */
  async whole(asked: HttpRequest, bytes: (status: number) => number): Promise<WholeAnswer> {
    const { idleMs, requestMs } = this.#options.timeouts;
    const limits = { bytes, idleMs, withinMs: requestMs, signal: asked.signal };
    return await this.#sent(asked, async (pool, request, { address, proxy }) => {
      const { status, headers, text, cut } = await readToEnd(pool, request, limits);
      return { status, address, proxy: proxy?.name, text, cut, header: (name) => headerIn(headers, name) };
    });
  }

  /** As `whole`, of an answer that is read as it arrives. */
  async send(asked: HttpRequest): Promise<HttpAnswer> {
    const { signal } = asked;
    return await this.#sent(asked, async (pool, request, { address, proxy }) => {
      const data = await pool.request({ ...request, signal });
      return new UndiciAnswer(data, { address, proxy, signal, idleMs: this.#options.timeouts.idleMs });
    });
  }

  async #sent<T extends { readonly status: number; discard?(): void }>(
    asked: HttpRequest,
    exchange: (pool: Dispatcher, request: Dispatcher.DispatchOptions, way: WayOfOne) => Promise<T>,
  ): Promise<T> {
    const { origin, path } = split(asked.url);
    const { pool, proxy, forwards } = this.#wayTo(origin);
    const address = origin + withoutQuery(path);
    try {
      const answer = await exchange(
        pool,
        {
          ...(forwards ? forwarded(asked, origin, proxy!) : { origin, path, headers: asked.headers }),
          method: asked.method,
          body: asked.body ?? null,
          headersTimeout: asked.answerMs,
          bodyTimeout: this.#options.timeouts.idleMs,
        },
        { address, proxy },
      );
      if (!forwards || answer.status !== 407) return answer;
      answer.discard?.();
      throw new ProxyFailure(proxy!, { status: 407 });
    } catch (cause) {
      throw transportError(cause, address, { signal: asked.signal, proxy });
    }
  }

  /** Cuts whatever is still under way. */
  async close(): Promise<void> {
    const pools = new Set([this.#direct, ...[...this.#ways.values()].map(({ pool }) => pool)]);
    await Promise.all([...pools].map(async (pool) => await pool.destroy()));
  }

  #wayTo(origin: string): Way {
    let way = this.#ways.get(origin);
    if (way === undefined) {
      way = this.#findWay(origin);
      this.#ways.set(origin, way);
    }
    return way;
  }

  #findWay(origin: string): Way {
    const { trust, timeouts, variables } = this.#options;
    const proxy = proxyFor(origin, variables);
    if (proxy === undefined) return { pool: this.#direct, proxy, forwards: false };
    // As curl and browsers do: proxies often refuse to connect to ports other than that of HTTPS.
    if (forwardsTo(origin, proxy))
      return {
        pool: this.#pool(proxyConnector(proxy, { timeoutMs: timeouts.connectMs })),
        proxy,
        forwards: true,
      };
    const connect = tunnelConnector(proxy, { trust, timeoutMs: timeouts.connectMs });
    return { pool: this.#pool(connect), proxy, forwards: false };
  }

  #pool(connect: Agent.Options['connect']): Agent {
    return new Agent({ allowH2: false, bodyTimeout: this.#options.timeouts.idleMs, connect });
  }
}

interface WayOfOne {
  readonly address: string;
  readonly proxy: Proxy | undefined;
}

/** A request as a proxy wants it that passes whole requests on. */
function forwarded(
  { url, headers }: HttpRequest,
  origin: string,
  proxy: Proxy,
): Pick<Dispatcher.DispatchOptions, 'path' | 'headers'> & { origin: string } {
  const host = origin.slice(origin.indexOf('//') + 2);
  return { origin: proxy.origin, path: url, headers: { host, ...headers, ...proxy.headers() } };
}

export interface HttpOptions {
  readonly trust: TlsTrust;
  readonly timeouts: Timeouts;
  /** Those of the process, where proxies are named. */
  readonly variables: ProxyVariables;
}

/** Whether a proxy is handed whole requests for this server; otherwise it is asked for a connection to it. */
export function forwardsTo(origin: string, proxy: Proxy): boolean {
  return origin.startsWith('http:') && proxy.origin.startsWith('http:');
}

function headerIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

interface AnswerContext {
  readonly address: string;
  readonly proxy: Proxy | undefined;
  readonly signal: AbortSignal;
  readonly idleMs: number;
}

class UndiciAnswer implements HttpAnswer {
  readonly status: number;
  readonly address: string;
  readonly #data: Dispatcher.ResponseData;
  readonly #context: AnswerContext;

  constructor(data: Dispatcher.ResponseData, context: AnswerContext) {
    this.status = data.statusCode;
    this.address = context.address;
    this.#data = data;
    this.#context = context;
  }

  get proxy(): string | undefined {
    return this.#context.proxy?.name;
  }

  header(name: string): string | undefined {
    return headerIn(this.#data.headers, name);
  }

  async whole(limit: number): Promise<WholeAnswer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.bytes()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break;
    }
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const { status, address, proxy } = this;
    const text = all.subarray(0, limit).toString('utf8');
    return { status, address, proxy, text, cut: size > limit, header: (name) => this.header(name) };
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const pace = new Pace(this.#context.idleMs);
    try {
      for await (const chunk of this.#data.body as AsyncIterable<Buffer>) {
        const tooSlow = pace.check(chunk.length);
        if (tooSlow) throw tooSlow;
        yield chunk;
        pace.resume();
      }
    } catch (cause) {
      throw transportError(cause, this.address, this.#context);
    }
  }

  discard(): void {
    // Destroying a body that is still coming in ends in an error event that says only that.
    this.#data.body.on('error', () => undefined);
    this.#data.body.destroy();
  }
}

function transportError(
  cause: unknown,
  address: string,
  { signal, proxy }: { signal: AbortSignal; proxy: Proxy | undefined },
): AppError {
  if (cause instanceof AppError) return cause;
  if (!signal.aborted) return networkError(cause, address, proxy);
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError('CANCELED', 'Canceled.', { cause: signal.reason });
}

/** Taken apart without being parsed: addresses are made from base addresses that were (`baseUrls`). */
function split(url: string): { origin: string; path: string } {
  const at = url.indexOf('/', url.indexOf('//') + 2);
  return at === -1 ? { origin: url, path: '/' } : { origin: url.slice(0, at), path: url.slice(at) };
}

function withoutQuery(path: string): string {
  const at = path.indexOf('?');
  return at === -1 ? path : path.slice(0, at);
}
