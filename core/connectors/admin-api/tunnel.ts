import { request as askHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as askHttps } from 'node:https';
import type { Socket } from 'node:net';
import { callbackify, promisify } from 'node:util';
import { buildConnector } from 'undici';
import type { TlsTrust } from './http.ts';
import type { Proxy } from './proxy.ts';

/** What went wrong before a proxy had connected to the server: not the server's fault. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  readonly proxy: Proxy;
  /** What the proxy answered; undefined when it could not be spoken to. */
  readonly status: number | undefined;

  constructor(proxy: Proxy, about: { readonly status?: number; readonly cause?: unknown }) {
    super(`${proxy.name} failed`, { cause: about.cause });
    this.proxy = proxy;
    this.status = about.status;
  }
}

/** Which certificates are trusted on the way to a proxy: it is verified even where the server is not to be. */
function trustOfProxy(trust: TlsTrust): TlsTrust {
  return { ...trust, rejectUnauthorized: true };
}

/**
 * A connection through a proxy to `host:port` (RFC 9110, 9.3.6: CONNECT).
 *
 * @param timeoutMs until the proxy has connected
 * @throws ProxyFailure; the signal's reason
 */
export async function openTunnel(
  proxy: Proxy,
  target: string,
  limits: { readonly trust: TlsTrust; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<Socket> {
  const { trust, timeoutMs, signal } = limits;
  const late = AbortSignal.timeout(timeoutMs);
  const url = new URL(proxy.origin);
  const asked = (url.protocol === 'https:' ? askHttps : askHttp)({
    ...trustOfProxy(trust),
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxy.headers() },
    agent: false,
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
  });
  try {
    const { status, socket } = await connected(asked);
    if (status >= 200 && status < 300) return socket;
    socket.destroy();
    throw new ProxyFailure(proxy, { status });
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ProxyFailure) throw cause;
    throw new ProxyFailure(proxy, { cause: late.aborted ? connectTimeout() : cause });
  }
}

function connected(asked: ClientRequest): Promise<{ status: number; socket: Socket }> {
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('connect', (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ status: answer.statusCode ?? 0, socket });
    });
    asked.end();
  });
}

export function connectTimeout(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}

/** How undici's pools connect to a server behind a proxy. */
export function tunnelConnector(
  proxy: Proxy,
  options: { readonly trust: TlsTrust; readonly timeoutMs: number },
): buildConnector.connector {
  const secure = promisify(buildConnector({ ...options.trust, timeout: options.timeoutMs, allowH2: false }));
  const connect = callbackify(async (to: buildConnector.Options): Promise<Socket> => {
    const port = to.port === '' ? (to.protocol === 'https:' ? '443' : '80') : to.port;
    const host = to.hostname.includes(':') ? `[${to.hostname}]` : to.hostname;
    const socket = await openTunnel(proxy, `${host}:${port}`, options);
    if (to.protocol !== 'https:') return socket.setNoDelay(true);
    return (await secure({ ...to, httpSocket: socket }))!;
  });
  return (to, callback) =>
    connect(to, (error, socket) => (error ? callback(error, null) : callback(null, socket)));
}

/** How undici's pools connect to a proxy that passes whole requests on. */
export function proxyConnector(
  proxy: Proxy,
  options: { readonly timeoutMs: number },
): buildConnector.connector {
  const connect = buildConnector({ timeout: options.timeoutMs, allowH2: false });
  return (to, callback) =>
    connect(to, (...[error, socket]) =>
      error === null ? callback(null, socket) : callback(new ProxyFailure(proxy, { cause: error }), null),
    );
}
