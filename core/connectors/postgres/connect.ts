import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import pg from 'pg';
import { AppError, isAppError, throwIfAborted } from '../../../contract/errors.ts';
import { shownServer, type Address } from './address.ts';
import { passwordFromFile } from './password-file.ts';
import { translated } from './postgres-errors.ts';
import { planTls, type TlsOptions } from './tls.ts';

/** What of pg is used beyond its declared interface: pg 8.23, lib/client.js and lib/connection.js. */
export interface Client extends pg.Client {
  readonly connection: pg.Connection & {
    readonly stream: Socket;
    attachListeners(stream: unknown): void;
  };
  /** False while a statement, or a COPY, is under way. */
  readonly readyForQuery: boolean;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

/** pg's connection, beneath its client, as far as a CancelRequest needs it. */
interface RawConnection {
  readonly stream: Socket;
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): void;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number | null, secretKey: number | null): void;
}

const CancelConnection = pg.Connection as unknown as new (config: { ssl: object | false }) => RawConnection;

/** What was learnt of the server from its greeting. */
export interface Greeting {
  /** 150018 for 15.18; 0 when it did not say. */
  readonly version: number;
}

/**
 * Connects and logs in. A connection that breaks later does not end the process: what is under way on it rejects.
 *
 * @throws AppError UNREACHABLE, TLS_FAILED, AUTH_FAILED, NOT_FOUND (no such database), TIMEOUT, FILE_FAILED, CANCELED
 */
export async function openClient(
  given: Address,
  database: string,
  signal: AbortSignal,
): Promise<{ readonly client: Client; readonly greeting: Greeting }> {
  throwIfAborted(signal);
  const address = { ...given, host: given.host ?? hereabouts(given.port) };
  const tls = await planTls(address);
  const started = performance.now();
  try {
    return await attempt(address, database, tls.ssl, address.connectMs, signal);
  } catch (error) {
    if (!tls.mayBePlain || tls.ssl === false || !saysNoTls(error)) throw whereWasTried(error, address);
    const left = Math.max(1_000, address.connectMs - (performance.now() - started));
    return await attempt(address, database, false, left, signal);
  }
}

/** The server has answered 'N' to the request for TLS. A handshake that failed is something else. */
function saysNoTls(error: unknown): boolean {
  return isAppError(error, 'TLS_FAILED') && error.message.includes('offers no encryption');
}

function whereWasTried(error: unknown, { tls }: Address): unknown {
  if (!isAppError(error, 'TLS_FAILED') || !tls.modeIsDefault) return error;
  return new AppError(error.code, error.message, {
    remedy: `${error.remedy} Nobody chose an sslmode, so it is verify-full, as for every server that is not this computer.`,
    details: error.details,
    cause: error.cause,
  });
}

async function attempt(
  address: Address & { readonly host: string },
  database: string,
  ssl: TlsOptions | false,
  patienceMs: number,
  signal: AbortSignal,
): Promise<{ client: Client; greeting: Greeting }> {
  const { host, port, user } = address;
  const place = `${database} on ${shownServer(address)}`;
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    password: () => passwordOf(address, database),
    ssl,
    application_name: address.applicationName,
    ...(address.options !== undefined && { options: address.options }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }) as Client;
  guardParser(client);
  client.on('error', () => destroy(client));
  const greeting = { version: 0 };
  client.connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
    if (status.parameterName === 'server_version') greeting.version = versionNumber(status.parameterValue);
  });
  let onAbort = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(new AppError('CANCELED', 'Canceled.', { cause: signal.reason }));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(() => reject(tooSlow(place, patienceMs)), patienceMs);
      client.connect().then(() => resolve(), reject);
    });
    throwIfAborted(signal);
    return { client, greeting };
  } catch (error) {
    destroy(client);
    throw translated(error, { place, user, connecting: true });
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  }
}

/** pg's parser throws on what it does not know, out of a socket's event, where nobody could catch it. */
function guardParser({ connection }: Client): void {
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream: Socket) => {
    attach({
      on(event: string, listener: (chunk: Buffer) => void) {
        stream.on(event, (chunk: Buffer) => {
          try {
            listener(chunk);
          } catch (error) {
            stream.destroy(error instanceof Error ? error : new Error(String(error)));
          }
        });
      },
    });
  };
}

async function passwordOf(address: Address, database: string): Promise<string> {
  const { host, port, user, passFile } = address;
  const password = address.password ?? (await passwordFromFile(passFile, { host, port, database, user }));
  if (password !== undefined) return password;
  throw new AppError(
    'AUTH_FAILED',
    `PostgreSQL (${shownServer(address)}): the server asks for the password of “${user}”, and none is given.`,
    {
      remedy: 'Give one with the environment, in PGPASSWORD, or in the password file (~/.pgpass, mode 0600).',
    },
  );
}

function tooSlow(place: string, milliseconds: number): AppError {
  return new AppError(
    'TIMEOUT',
    `PostgreSQL (${place}): no connection stood within ${Math.round(milliseconds / 100) / 10} s.`,
    {
      remedy:
        'Check host and port, and whether a firewall drops the packets; connect_timeout=SECONDS waits longer.',
      details: { outcome: 'not-sent' },
    },
  );
}

/** Without a host libpq takes the unix socket, whose place was chosen when the server was built. */
function hereabouts(port: number): string {
  const folders = process.platform === 'win32' ? [] : ['/var/run/postgresql', '/tmp'];
  return folders.find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`)) ?? 'localhost';
}

/** "15.18 (Debian 15.18-0+deb12u1)" is 150018, as `server_version_num` has it. */
function versionNumber(text: string): number {
  const [major = 0, minor = 0] = (/^(\d+)(?:\.(\d+))?/.exec(text) ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  return major * 10_000 + minor;
}

/** At once; what is under way rejects, and the server undoes what was not committed. */
export function destroy(client: Client): void {
  client.connection.stream.destroy();
}

const PATIENCE_MS = 2_000;

/**
 * Ends a connection: politely, with time for the server to end first (its locks are gone then), or, where a statement is
 * under way, at once and with word to the server, which otherwise would notice only when it next sends something.
 */
export async function closeClient(client: Client): Promise<void> {
  if (client.readyForQuery && client.connection.stream.writable) {
    const timer = setTimeout(() => destroy(client), PATIENCE_MS);
    await client.end();
    clearTimeout(timer);
  } else await abandon(client);
}

/** Ends a connection at once, and the statement that is under way on it with it. */
export async function abandon(client: Client): Promise<void> {
  const runs = client.processID !== null && !client.readyForQuery;
  destroy(client);
  if (runs) await cancelStatement(client);
}

/** A CancelRequest over a connection of its own (PostgreSQL documentation, 53.2.8), encrypted as the first one is. */
async function cancelStatement(client: Client): Promise<void> {
  const { host, port, processID, secretKey, ssl } = client as Client & { ssl: object | false };
  const connection = new CancelConnection({ ssl });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    // Best effort: the server ends the statement anyhow when it next writes to the connection that is gone.
    connection.on('error', done);
    connection.on('end', done);
    connection.on('connect', () => (ssl ? connection.requestSsl() : connection.cancel(processID, secretKey)));
    connection.on('sslconnect', () => connection.cancel(processID, secretKey));
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
  connection.stream.destroy();
}
