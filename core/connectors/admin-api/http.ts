import { getCACertificates } from 'node:tls';
import { Agent, request, type Dispatcher } from 'undici';
import { AppError } from '../../../contract/errors.ts';
import { networkError } from './network-errors.ts';
import type { Timeouts } from './settings.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Milliseconds until the answer's first byte. */
  readonly answerMs: number;
  readonly signal: AbortSignal;
}

/** An answer whose body has not been read yet: exactly one of `text`, `bytes` and `discard` must be called. */
export interface HttpAnswer {
  readonly status: number;
  /** Origin and path of the request, without its query: fit for messages. */
  readonly address: string;
  header(name: string): string | undefined;
  /** The body as text, at most `limit` bytes; the rest is dropped, with the connection. */
  text(limit: number): Promise<{ readonly text: string; readonly cut: boolean }>;
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

/** One pool of connections. Redirects are not followed: credentials would go where nobody chose to send them. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #timeouts: Timeouts;

  constructor(options: { trust: TlsTrust; timeouts: Timeouts }) {
    this.#timeouts = options.timeouts;
    this.#agent = new Agent({
      allowH2: false,
      bodyTimeout: options.timeouts.idleMs,
      connect: { ...options.trust, timeout: options.timeouts.connectMs },
    });
  }

  /** @throws AppError UNREACHABLE, TLS_FAILED, TIMEOUT, CONNECTION_LOST, UNEXPECTED_ANSWER, CANCELED */
  async send(asked: HttpRequest): Promise<HttpAnswer> {
    const address = addressOf(asked.url);
    try {
      const data = await request(asked.url, {
        dispatcher: this.#agent,
        method: asked.method,
        headers: asked.headers,
        body: asked.body ?? null,
        signal: asked.signal,
        headersTimeout: asked.answerMs,
        bodyTimeout: this.#timeouts.idleMs,
      });
      return new UndiciAnswer(data, address, asked.signal);
    } catch (cause) {
      throw transportError(cause, address, asked.signal);
    }
  }

  /** Cuts whatever is still under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

class UndiciAnswer implements HttpAnswer {
  readonly status: number;
  readonly address: string;
  readonly #data: Dispatcher.ResponseData;
  readonly #signal: AbortSignal;

  constructor(data: Dispatcher.ResponseData, address: string, signal: AbortSignal) {
    this.status = data.statusCode;
    this.address = address;
    this.#data = data;
    this.#signal = signal;
  }

  header(name: string): string | undefined {
    const value = this.#data.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  async text(limit: number): Promise<{ text: string; cut: boolean }> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.bytes()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break;
    }
    return { text: Buffer.concat(chunks).subarray(0, limit).toString('utf8'), cut: size > limit };
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#data.body) yield chunk as Buffer;
    } catch (cause) {
      throw transportError(cause, this.address, this.#signal);
    }
  }

  discard(): void {
    // Destroying a body that is still coming in ends in an error event that says only that.
    this.#data.body.on('error', () => undefined);
    this.#data.body.destroy();
  }
}

function transportError(cause: unknown, address: string, signal: AbortSignal): AppError {
  if (!signal.aborted) return networkError(cause, address);
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError('CANCELED', 'Canceled.', { cause: signal.reason });
}

/** Origin and path. */
export function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
