import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AppError, isAppError, throwIfAborted } from '../contract/errors.ts';
import {
  locateBinaries,
  makeServerDirectory,
  unprivilegedAccount,
  withinReach,
  type Account,
  type PostgresBinaries,
} from './postgres-binaries.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** A PostgreSQL server of our own on a loopback port, with throw-away data. */
export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Ends the server and removes its data. May be called more than once. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** The folder in which the data directory is made; default: the system's temporary folder. */
  readonly parentDirectory?: string;
  /** Default: a free port. */
  readonly port?: number;
  readonly signal?: AbortSignal;
  /** Further settings of the server, and others in place of the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files to put into the data directory before the start: certificates, pg_hba.conf. By name, their text. */
  readonly files?: Readonly<Record<string, string>>;
}

const USER = 'opengate';
const READY = 'database system is ready to accept connections';
const STOP_PATIENCE_MILLISECONDS = 5_000;

/** Data that is thrown away needs no durability; the rest is sized for a million users on a small machine. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  shared_buffers: '256MB',
  work_mem: '64MB',
  maintenance_work_mem: '256MB',
  jit: 'off',
  max_connections: '100',
};

/**
 * Starts a server as user `opengate` with a random password.
 *
 * @throws AppError SANDBOX_FAILED when it cannot be started, CANCELED when the signal fires; nothing is left then
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  throwIfAborted(options.signal);
  const account = await unprivilegedAccount();
  const directory = await makeServerDirectory(options.parentDirectory, account);
  const watchdog = startWatchdog(directory);
  try {
    const binaries = await withinReach(await locateBinaries(), directory, account);
    const password = randomBytes(18).toString('base64url');
    const start: Start = { directory, data: join(directory, 'data'), binaries, account, watchdog };
    await initialise(start, password, options.signal);
    await addFiles(start, options.files ?? {});
    const { child, port } = await launch(start, options);
    return { port, user: USER, password, stop: stopOnce(child, directory, watchdog) };
  } catch (error) {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    watchdog.dismiss();
    throw error;
  }
}

interface Start {
  readonly directory: string;
  readonly data: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly watchdog: Watchdog;
}

async function initialise(start: Start, password: string, signal: AbortSignal | undefined): Promise<void> {
  const { directory, data, account } = start;
  const passwordFile = join(directory, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) {
    await chmod(directory, 0o711);
    for (const path of [data, passwordFile]) await chown(path, account.uid, account.gid);
  }
  const child = run(start, start.binaries.initdb, [
    `--pgdata=${data}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Byte order: the index on (realm_name, username) then yields users in the order that exports promise.
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]);
  const onAbort = (): boolean => child.kill('SIGQUIT');
  signal?.addEventListener('abort', onAbort, { once: true });
  const output = collectTail(child);
  const code = await exitOf(child);
  signal?.removeEventListener('abort', onAbort);
  throwIfAborted(signal);
  if (code !== 0) throw startFailure('PostgreSQL could not create its data directory', output());
  await rm(passwordFile);
}

async function addFiles({ data, account }: Start, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(data, name);
    await writeFile(path, text, { mode: 0o600 });
    if (account) await chown(path, account.uid, account.gid);
  }
}

async function launch(
  start: Start,
  options: PostgresServerOptions,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return { child: await launchOn(start, port, options), port };
    } catch (error) {
      // Another process may have taken the free port meanwhile. A port that was asked for is not exchanged.
      if (options.port !== undefined || attempt === 3 || !isAppError(error, 'SANDBOX_FAILED')) throw error;
    }
  }
}

async function launchOn(
  start: Start,
  port: number,
  { signal, settings: more }: PostgresServerOptions,
): Promise<ChildProcess> {
  throwIfAborted(signal);
  const settings = Object.entries({ ...SETTINGS, ...more }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = run(start, start.binaries.postgres, ['-D', start.data, '-p', String(port), ...settings]);
  const output = collectTail(child);
  const ready = new Promise<'ready'>((resolve) => {
    child.stderr?.on('data', () => {
      if (output().includes(READY)) resolve('ready');
    });
  });
  const onAbort = (): boolean => child.kill('SIGQUIT');
  signal?.addEventListener('abort', onAbort, { once: true });
  const outcome = await Promise.race([ready, exitOf(child)]);
  signal?.removeEventListener('abort', onAbort);
  if (outcome === 'ready' && !signal?.aborted) return child;
  if (outcome === 'ready') await exitOf(child);
  throwIfAborted(signal);
  throw startFailure(`PostgreSQL did not start on port ${port}`, output());
}

function run(start: Start, program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, {
    ...(start.account && { uid: start.account.uid, gid: start.account.gid }),
    cwd: start.directory,
    // Its own session: Ctrl-C on a terminal is for the program that uses this server and stops it in its own time.
    detached: process.platform !== 'win32',
    env: { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C', PGOPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) start.watchdog.guard(child.pid);
  return child;
}

/** The exit code; -1 when a signal ended the process or it could not be started at all. */
async function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return -1;
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? -1));
    child.once('error', () => resolve(-1));
  });
}

/** Keeps the last 4,000 characters of what the process prints, and keeps its pipes drained. */
function collectTail(child: ChildProcess): () => string {
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  return () => tail;
}

function startFailure(what: string, output: string): AppError {
  return new AppError('SANDBOX_FAILED', `${what}: ${output.trim().split('\n').slice(-3).join(' ')}`, {
    remedy: 'Free the port or choose another one, and see that the temporary folder has room.',
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

function stopOnce(child: ChildProcess, directory: string, watchdog: Watchdog): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    // The immediate shutdown: there is nothing worth a checkpoint.
    child.kill(process.platform === 'win32' ? 'SIGTERM' : 'SIGQUIT');
    const stubborn = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MILLISECONDS);
    await exitOf(child);
    clearTimeout(stubborn);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    watchdog.dismiss();
  };
  return () => (stopped ??= stop());
}
