import { randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { throwIfAborted } from '../contract/errors.ts';
import { createDatabases, DATABASE_NAMES, Databases } from './databases.ts';
import { documentedRoutes } from './documented/routes.ts';
import type { FaultHook } from './http/fault.ts';
import { startHttp } from './http/server.ts';
import { Tokens, type TokenClient } from './http/tokens.ts';
import { Mutex } from './mutex.ts';
import { startPostgres } from './postgres-server.ts';
import type { DatabaseRole } from './schema.ts';
import { seedDatabase } from './seed/seed.ts';
import type { SeedName } from './seed/environments.ts';

/** How to reach one stand-in. This is what `drawbridge sandbox --json` prints of it (docs/cli.md). */
export interface SandboxEnvironment {
  name: string;
  apiUrl: string;
  authUrl: string;
  gatewayUrl: string;
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
  /** A client whose tokens are refused with 403. */
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
  /** Makes every token issued so far invalid: the next request with one gets 401. */
  revokeTokens(): void;
}

export interface RunningEnvironment {
  readonly facts: SandboxEnvironment;
  readonly handle: EnvironmentHandle;
  stop(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly name: string;
  readonly seed: SeedName;
  readonly users: number;
  readonly httpPort: number | undefined;
  readonly postgresPort: number | undefined;
  readonly bcryptCost: number;
  readonly tokenLifetimeSeconds: number;
  readonly parentDirectory: string | undefined;
  readonly onRequest: FaultHook | undefined;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * One OpenGate: a PostgreSQL server of its own with the four databases, and an HTTP server that answers everything the
 * real one spreads over several ports. Each environment has its own PostgreSQL, as each real one has: the databases
 * keep their usual names, and a client that finds them by their tables finds exactly one of each.
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
  const admin: TokenClient = { clientId: 'admin-cli', clientSecret: newSecret(), admin: true };
  const limited: TokenClient = { clientId: 'reporting', clientSecret: newSecret(), admin: false };
  const tokens = new Tokens([admin, limited], options.tokenLifetimeSeconds);
  const http = await startHttp({
    environment: name,
    routes: documentedRoutes({
      databases,
      tokens,
      writes: new Mutex(),
      bcryptCost: options.bcryptCost,
    }),
    tokens,
    onError: options.onError,
    ...(options.httpPort !== undefined && { port: options.httpPort }),
    ...(options.onRequest && { onRequest: options.onRequest }),
  });
  cleanup.defer(() => http.stop());

  const realms = await databases.query<{ name: string }>('realm', 'SELECT name FROM realms ORDER BY name');
  const facts: SandboxEnvironment = {
    name,
    apiUrl: http.url,
    authUrl: http.url,
    gatewayUrl: http.url,
    clientId: admin.clientId,
    clientSecret: admin.clientSecret,
    pgUrl: `postgres://${server.user}:${server.password}@127.0.0.1:${server.port}/`,
    databases: { ...DATABASE_NAMES },
    realms: realms.map((realm) => realm.name),
  };
  const running = cleanup.move();
  return {
    facts,
    handle: {
      ...facts,
      limitedClient: { clientId: limited.clientId, clientSecret: limited.clientSecret },
      query: (database, sql, parameters) => databases.query(database, sql, parameters),
      checkPassword: (realm, username, password) => checkPassword(databases, realm, username, password),
      checkClientSecret: (clientId, secret) => checkClientSecret(databases, clientId, secret),
      issueToken: () => tokens.issue(admin, http.url).token,
      revokeTokens: () => tokens.revokeAll(),
    },
    stop: () => running.disposeAsync(),
  };
}

/** Random, and of characters that need no quoting in a shell or a form. */
function newSecret(): string {
  return randomBytes(24).toString('hex');
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
