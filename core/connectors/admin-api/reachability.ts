import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { AppError } from '../../../contract/errors.ts';
import { networkError } from './network-errors.ts';
import type { TlsTrust } from './http.ts';

export interface TlsFacts {
  /** "TLSv1.3" */
  readonly protocol: string;
  readonly validTo: Date | undefined;
  readonly issuer: string;
}

/** @throws AppError UNREACHABLE, TIMEOUT, CANCELED */
export async function tryAddress(origin: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { hostname, port } = hostAndPort(origin);
  const socket = connectTcp({ host: hostname, port });
  await settled(socket, 'connect', { origin, timeoutMs, signal });
  socket.destroy();
}

/** @throws AppError TLS_FAILED, TIMEOUT, CANCELED, CONNECTION_LOST */
export async function tryTls(
  origin: string,
  trust: TlsTrust,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TlsFacts> {
  const { hostname, port } = hostAndPort(origin);
  // SNI is for names only (RFC 6066, 3).
  const named = /^[\d.]+$|:/.test(hostname) ? {} : { servername: hostname };
  const socket = connectTls({ host: hostname, port, ...trust, ...named });
  try {
    await settled(socket, 'secureConnect', { origin, timeoutMs, signal });
    return factsOf(socket);
  } finally {
    socket.destroy();
  }
}

function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate();
  const validTo = new Date(certificate.valid_to);
  const issuer = certificate.issuer?.O ?? certificate.issuer?.CN;
  return {
    protocol: socket.getProtocol() ?? 'an unknown version',
    validTo: Number.isNaN(validTo.getTime()) ? undefined : validTo,
    issuer: (Array.isArray(issuer) ? issuer[0] : issuer) ?? 'an unnamed authority',
  };
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

function connectTimeout(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}

function hostAndPort(origin: string): { hostname: string; port: number } {
  const url = new URL(origin);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { hostname: url.hostname.replace(/^\[|\]$/g, ''), port };
}
