import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AppError } from '../../../contract/errors.ts';
import { tlsFactsOf, type TlsFacts } from '../probe-verdict.ts';
import { forwardsTo, type TlsTrust } from './http.ts';
import { networkError } from './network-errors.ts';
import type { Proxy } from './proxy.ts';
import { connectTimeout, openTunnel, ProxyFailure } from './tunnel.ts';

/** How a server behind a proxy is reached. */
export interface ProxyWay {
  readonly proxy: Proxy;
  /** For a proxy that is spoken to over TLS. */
  readonly trust: TlsTrust;
}

/**
 * Whether something accepts connections there. Through a proxy a connection of ours would prove nothing: the proxy is
 * asked, by CONNECT or, where it is handed whole requests, by one without credentials.
 *
 * @throws AppError UNREACHABLE, TIMEOUT, CANCELED
 */
export async function tryAddress(
  origin: string,
  timeoutMs: number,
  signal: AbortSignal,
  way?: ProxyWay,
): Promise<void> {
  if (way === undefined) {
    const socket = connectTcp(hostAndPort(origin));
    await settled(socket, 'connect', { origin, timeoutMs, signal });
    socket.destroy();
  } else if (forwardsTo(origin, way.proxy)) await viaProxy(origin, way, { timeoutMs, signal }, askThrough);
  else (await viaProxy(origin, way, { timeoutMs, signal }, tunnelTo)).destroy();
}

/** @throws AppError TLS_FAILED, TIMEOUT, CANCELED, CONNECTION_LOST, UNREACHABLE */
export async function tryTls(
  origin: string,
  trust: TlsTrust,
  timeoutMs: number,
  signal: AbortSignal,
  way?: ProxyWay,
): Promise<TlsFacts> {
  const { host, port } = hostAndPort(origin);
  // SNI is for names only (RFC 6066, 3).
  const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const tunnel = way && { socket: await viaProxy(origin, way, { timeoutMs, signal }, tunnelTo) };
  const socket = connectTls({ host, port, ...trust, ...named, ...tunnel });
  try {
    await settled(socket, 'secureConnect', { origin, timeoutMs, signal });
    return tlsFactsOf(socket);
  } finally {
    socket.destroy();
    tunnel?.socket.destroy();
  }
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

async function viaProxy<T>(
  origin: string,
  way: ProxyWay,
  limits: Limits,
  look: (origin: string, way: ProxyWay, limits: Limits) => Promise<T>,
): Promise<T> {
  try {
    return await look(origin, way, limits);
  } catch (cause) {
    if (limits.signal.aborted) throw new AppError('CANCELED', 'Canceled.', { cause });
    throw networkError(cause, origin, way.proxy);
  }
}

async function tunnelTo(origin: string, { proxy, trust }: ProxyWay, limits: Limits): Promise<Socket> {
  return await openTunnel(proxy, authority(origin), { trust, ...limits });
}

async function askThrough(origin: string, { proxy }: ProxyWay, { timeoutMs, signal }: Limits): Promise<void> {
  const late = AbortSignal.timeout(timeoutMs);
  const asked = request({
    ...hostAndPort(proxy.origin),
    path: `${origin}/`,
    headers: { host: new URL(origin).host, ...proxy.headers() },
    agent: false,
    signal: AbortSignal.any([signal, late]),
  });
  try {
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
    const status = answer.statusCode ?? 0;
    // A gateway's own answer that what is behind it is away cannot be told from the proxy's: neither is a server that works.
    if (status === 407 || (status >= 502 && status <= 504)) throw new ProxyFailure(proxy, { status });
  } catch (cause) {
    if (cause instanceof ProxyFailure) throw cause;
    throw new ProxyFailure(proxy, { cause: late.aborted ? connectTimeout() : cause });
  } finally {
    asked.destroy();
  }
}

/** Host and port as CONNECT names them. */
function authority(origin: string): string {
  const { host, port } = hostAndPort(origin);
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  limits: { origin: string; timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const { origin, timeoutMs, signal } = limits;
  let onAbort = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(new AppError('CANCELED', 'Canceled.', { cause: signal.reason }));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      socket.setTimeout(timeoutMs, () => reject(connectTimeout()));
      socket.once(event, resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    });
  } catch (cause) {
    socket.destroy();
    throw cause instanceof AppError ? cause : networkError(cause, origin);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.on('error', () => undefined);
  }
}

function hostAndPort(origin: string): { host: string; port: number } {
  const url = new URL(origin);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
