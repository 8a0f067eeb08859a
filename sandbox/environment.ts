import bcrypt from 'bcryptjs';
import { throwIfAborted } from '../contract/errors.ts';
import { createDatabases, DATABASE_NAMES, Databases } from './databases.ts';
import type { Dialect, DialectName, ReleasedOptions, ServiceAddresses } from './dialect.ts';
import type { FaultHook } from './http/fault.ts';
import { startPostgres } from './postgres-server.ts';
import type { DatabaseRole } from './schema.ts';
import { seedDatabase } from './seed/seed.ts';
import type { SeedName } from './seed/environments.ts';

/** How to reach one stand-in. This is what `drawbridge sandbox --json` prints of it (docs/cli.md). */
export interface SandboxEnvironment {
  name: string;
  dialect: DialectName;
  /** The Admin API. */
  apiUrl: string;
  /** Where tokens come from. */
  authUrl: string;
  gatewayUrl: string;
  /** The services behind Admin API and gateway, where they have addresses of their own (v1.1). */
  services?: ServiceAddresses;
  clientId: string;
  clientSecret: string;
  /** With user and password, without a database: `postgres://opengate:…@127.0.0.1:5433/`. */
  pgUrl: string;
  databases: Record<DatabaseRole, string>;
  /** The realms it was filled with. */
  realms: string[];
}

/** A running stand-in, with short cuts for tests that look behind its HTTP interface. */
export interface EnvironmentHandle extends SandboxEnvironment {
  /**
   * Documented dialect: a client whose tokens are refused with 403. v1.1: the console's public client, which gets no
   * token by client credentials.
   */
  readonly limitedClient: { readonly clientId: string; readonly clientSecret: string };
  /** Runs SQL as the databases' owner. */
  query<Row extends object = Record<string, unknown>>(
    database: DatabaseRole,
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** Whether a user could log in with this password: compares with the BCrypt hash in the database. */
  checkPassword(realm: string, username: string, password: string): Promise<boolean>;
  /** The same for a client's secret; client ids are unique over all realms. */
  checkClientSecret(clientId: string, secret: string): Promise<boolean>;
  /** A bearer token with the right to administer, without a request. */
  issueToken(): string;
  /**
   * Makes every token issued so far invalid: the next request with one gets 401. In v1.1 nothing checks tokens; there
   * the signing key changes, as it does when the auth service is started again.
   */
  revokeTokens(): void;
}

export interface RunningEnvironment {
  readonly facts: SandboxEnvironment;
  readonly handle: EnvironmentHandle;
  stop(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly name: string;
  readonly dialect: Dialect;
  readonly released: ReleasedOptions;
  readonly seed: SeedName;
  readonly users: number;
  /** The first of as many as the dialect takes. */
  readonly httpPort: number | undefined;
  readonly postgresPort: number | undefined;
  readonly bcryptCost: number;
  readonly tokenLifetimeSeconds: number | undefined;
  readonly parentDirectory: string | undefined;
  readonly onRequest: FaultHook | undefined;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * One OpenGate: a PostgreSQL server of its own with the four databases, and the HTTP servers of one dialect. Each environment
 * has its own PostgreSQL, as each real one has: the databases keep their usual names, and a client that finds them by their
 * tables finds exactly one of each.
 *
 * @throws AppError SANDBOX_FAILED or CANCELED; nothing is left running then
 */
export async function startEnvironment(options: EnvironmentOptions): Promise<RunningEnvironment> {
  await using cleanup = new AsyncDisposableStack();
  const { name, seed, signal } = options;
  const server = await startPostgres({
    ...(options.parentDirectory !== undefined && { parentDirectory: options.parentDirectory }),
    ...(options.postgresPort !== undefined && { port: options.postgresPort }),
    ...(signal && { signal }),
  });
  cleanup.defer(() => server.stop());
  await createDatabases(
    server,
    (role, session) => seedDatabase(role, session, name, seed, options.users),
    signal,
  );
  throwIfAborted(signal);

  const databases = new Databases(server, options.onError);
  cleanup.defer(() => databases.close());
  const dialect = await options.dialect.start({
    environment: name,
    databases,
    bcryptCost: options.bcryptCost,
    tokenLifetimeSeconds: options.tokenLifetimeSeconds,
    firstPort: options.httpPort,
    onRequest: options.onRequest,
    onError: options.onError,
    released: options.released,
  });
  cleanup.defer(() => dialect.stop());

  const realms = await databases.query<{ name: string }>('realm', 'SELECT name FROM realms ORDER BY name');
  const facts: SandboxEnvironment = {
    name,
    dialect: options.dialect.name,
    ...dialect.addresses,
    ...dialect.client,
    pgUrl: `postgres://${server.user}:${server.password}@127.0.0.1:${server.port}/`,
    databases: { ...DATABASE_NAMES },
    realms: realms.map((realm) => realm.name),
  };
  const running = cleanup.move();
  return {
    facts,
    handle: {
      ...facts,
      limitedClient: dialect.limitedClient,
      query: (database, sql, parameters) => databases.query(database, sql, parameters),
      checkPassword: (realm, username, password) => checkPassword(databases, realm, username, password),
      checkClientSecret: (clientId, secret) => checkClientSecret(databases, clientId, secret),
      issueToken: () => dialect.issueToken(),
      revokeTokens: () => dialect.revokeTokens(),
    },
    stop: () => running.disposeAsync(),
  };
}

async function checkPassword(
  databases: Databases,
  realm: string,
  username: string,
  password: string,
): Promise<boolean> {
  const rows = await databases.query<{ secret_hash: string }>(
    'user',
    `SELECT secret_hash FROM user_credentials JOIN users ON users.id = user_id
     WHERE realm_name = $1 AND username = $2 AND credential_type = 'PASSWORD'`,
    [realm, username],
  );
  const matches = await Promise.all(rows.map((row) => bcrypt.compare(password, row.secret_hash)));
  return matches.includes(true);
}

async function checkClientSecret(databases: Databases, clientId: string, secret: string): Promise<boolean> {
  const [row] = await databases.query<{ client_secret_hash: string | null }>(
    'client',
    'SELECT client_secret_hash FROM oauth_clients WHERE client_id = $1',
    [clientId],
  );
  return row?.client_secret_hash ? bcrypt.compare(secret, row.client_secret_hash) : false;
}
