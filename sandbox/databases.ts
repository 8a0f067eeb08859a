import pg from 'pg';
import { throwIfAborted } from '../contract/errors.ts';
import { copyOut, isCopying, type CopyRun } from './copy-out.ts';
import { Mutex } from './mutex.ts';
import { DATABASE_ROLES, FLYWAY_TABLE, SCHEMAS, type DatabaseRole } from './schema.ts';

/** The names of the four databases, as a server of OpenGate has them. */
export const DATABASE_NAMES: Readonly<Record<DatabaseRole, string>> = {
  realm: 'opengate_realm',
  user: 'opengate_user',
  rbac: 'opengate_rbac',
  client: 'opengate_client',
};

export interface ServerAddress {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface PreparedStatement {
  /** One text only, ever. */
  readonly name: string;
  readonly text: string;
}

/** What a transaction or a plain query runs on. */
export interface Session {
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** As `query`, and gives the number of rows written or deleted. */
  execute(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Runs `COPY (sql) TO STDOUT (FORMAT binary)`; see `copyOut`. */
  copyOut(sql: string, onRow: (row: Buffer) => void): CopyRun;
}

/** The four databases of one environment. */
export class Databases {
  readonly #pools: Readonly<Record<DatabaseRole, pg.Pool>>;
  /** Four commits, and four beginnings of a snapshot, each happen as one: no export sees half of an import. */
  readonly #oneAtATime = new Mutex();

  constructor(server: ServerAddress, onError: (error: Error) => void) {
    this.#pools = perRole((role) => {
      const pool = new pg.Pool({
        ...connection(server, DATABASE_NAMES[role]),
        max: 10,
        idleTimeoutMillis: 10_000,
      });
      pool.on('error', onError);
      return pool;
    });
  }

  async query<Row extends object = Record<string, unknown>>(
    role: DatabaseRole,
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.#pools[role].query<Row>(sql, [...parameters])).rows;
  }

  /** As `query`, for statements that come by the thousand: each connection has them planned once, under this name. */
  async prepared<Row extends object>(
    role: DatabaseRole,
    statement: PreparedStatement,
    parameters: readonly unknown[],
  ): Promise<Row[]> {
    const { name, text } = statement;
    return (await this.#pools[role].query<Row>({ name, text, values: [...parameters] })).rows;
  }

  /**
   * Begins a transaction in each of the named databases. All work is to be done before the first commit, and constraints
   * are checked as rows are written, so a commit can fail only with its server. What was not committed when the result
   * is disposed of is rolled back.
   */
  begin(roles: readonly DatabaseRole[]): Promise<OpenTransaction> {
    return this.#begin(roles, 'BEGIN');
  }

  /** One moment's view of the named databases, to be read at leisure; the caller disposes of it. */
  async snapshot(roles: readonly DatabaseRole[]): Promise<AsyncDisposable & { readonly sessions: Sessions }> {
    const snapshot = await this.#begin(roles, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // It is the first query that fixes what a transaction sees.
    await this.#oneAtATime.run(() =>
      Promise.all(roles.map((role) => snapshot.sessions[role].query('SELECT 1'))),
    );
    return snapshot;
  }

  async #begin(roles: readonly DatabaseRole[], begin: string): Promise<Transaction> {
    const transaction = new Transaction(this.#oneAtATime);
    try {
      for (const role of roles) await transaction.open(role, await this.#pools[role].connect(), begin);
      return transaction;
    } catch (error) {
      await transaction[Symbol.asyncDispose]();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(DATABASE_ROLES.map((role) => this.#pools[role].end()));
  }
}

export type Sessions = Readonly<Record<DatabaseRole, Session>>;

export interface OpenTransaction extends AsyncDisposable {
  readonly sessions: Sessions;
  commit(): Promise<void>;
}

/** `realm` comes last: a realm shows when everything that belongs to it is there. */
const COMMIT_ORDER: readonly DatabaseRole[] = ['client', 'rbac', 'user', 'realm'];

class Transaction implements OpenTransaction {
  readonly #commits: Mutex;
  readonly #clients = new Map<DatabaseRole, pg.PoolClient>();

  readonly sessions: Sessions = perRole((role) => sessionOn(() => this.#clients.get(role)));

  constructor(commits: Mutex) {
    this.#commits = commits;
  }

  async open(role: DatabaseRole, client: pg.PoolClient, begin: string): Promise<void> {
    this.#clients.set(role, client);
    await client.query(begin);
  }

  commit(): Promise<void> {
    return this.#commits.run(() => this.#commitEach());
  }

  async #commitEach(): Promise<void> {
    for (const role of COMMIT_ORDER) {
      const client = this.#clients.get(role);
      if (!client) continue;
      await client.query('COMMIT');
      this.#clients.delete(role);
      client.release();
    }
  }

  /** Rolls back what was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#clients.values()];
    // At once, so that work still going on fails instead of going on outside of a transaction.
    this.#clients.clear();
    for (const client of open) await rollBack(client);
  }
}

async function rollBack(client: pg.PoolClient): Promise<void> {
  // What is left of a COPY nobody reads any more could only be read away, or dropped with the connection.
  if (isCopying(client)) return client.release(true);
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    // The connection itself is broken: the server rolls back by itself, and the pool must not keep it.
    client.release(error instanceof Error ? error : true);
  }
}

/** Creates the four databases with their tables, lets `fill` put rows in, and adds keys and indexes. */
export async function createDatabases(
  server: ServerAddress,
  fill: (role: DatabaseRole, session: Session) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const create = async (role: DatabaseRole): Promise<void> => {
    await withClient(server, 'postgres', (client) =>
      client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE_NAMES[role])}`),
    );
    await withClient(server, DATABASE_NAMES[role], async (client) => {
      throwIfAborted(signal);
      const onAbort = (): void => {
        client.connection.stream.destroy();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        // One transaction: rows put into a table that the same transaction made need no log (wal_level=minimal).
        await client.query('BEGIN');
        await client.query(FLYWAY_TABLE + SCHEMAS[role].tables);
        await noteMigrations(client, role);
        await fill(
          role,
          sessionOn(() => client),
        );
        await client.query(SCHEMAS[role].constraints);
        await client.query('COMMIT');
        await client.query('VACUUM (ANALYZE)');
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
      throwIfAborted(signal);
    });
  };
  const outcomes = await Promise.allSettled(DATABASE_ROLES.map(create));
  throwIfAborted(signal);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function noteMigrations(client: pg.Client, role: DatabaseRole): Promise<void> {
  for (const [index, migration] of SCHEMAS[role].migrations.entries()) {
    await client.query(
      `INSERT INTO flyway_schema_history
         (installed_rank, version, description, type, script, checksum, installed_by, installed_on, execution_time, success)
       VALUES ($1::int, $2, $3, 'SQL', $4, $5, current_user, timestamp '2025-01-01 00:00:00' + $1::int * interval '1 second', $6, true)`,
      [
        index + 1,
        migration.version,
        migration.description,
        migration.script,
        migration.checksum,
        20 + 7 * index,
      ],
    );
  }
}

async function withClient<Result>(
  server: ServerAddress,
  database: string,
  work: (client: pg.Client & { connection: { stream: { destroy(): void } } }) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(connection(server, database)) as pg.Client & {
    connection: { stream: { destroy(): void } };
  };
  // Without a listener a lost connection would end the process; the pending query rejects all the same.
  let lost: Error | undefined;
  client.on('error', (error) => (lost = error));
  await client.connect();
  try {
    return await work(client);
  } finally {
    if (!lost) await client.end();
  }
}

function connection(server: ServerAddress, database: string): pg.ClientConfig {
  return { host: '127.0.0.1', port: server.port, user: server.user, password: server.password, database };
}

function sessionOn(current: () => pg.ClientBase | undefined): Session {
  const connected = (): pg.ClientBase => {
    const client = current();
    if (!client) throw new TypeError('This database is not part of the transaction.');
    return client;
  };
  return {
    query: async <Row extends object>(sql: string, parameters: readonly unknown[] = []) =>
      (await connected().query<Row & pg.QueryResultRow>(sql, [...parameters])).rows,
    execute: async (sql, parameters = []) => (await connected().query(sql, [...parameters])).rowCount ?? 0,
    copyOut: (sql, onRow) => copyOut(connected(), `COPY (${sql}) TO STDOUT (FORMAT binary)`, onRow),
  };
}

function perRole<Value>(make: (role: DatabaseRole) => Value): Record<DatabaseRole, Value> {
  return { realm: make('realm'), user: make('user'), rbac: make('rbac'), client: make('client') };
}
