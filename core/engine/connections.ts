import { AppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Environment, EnvironmentSecrets, NewEnvironment } from '../catalog/environments/settings.ts';
import { createAdminApiConnector } from '../connectors/admin-api/index.ts';
import { createBothConnector } from '../connectors/both/index.ts';
import type { Connector } from '../connectors/connector.ts';
import { createPostgresConnector } from '../connectors/postgres/index.ts';
import { limitsInForce } from './api-limits.ts';

/**
 * Opens a known environment's connector for the length of one piece of work. What it finds out about the server is
 * remembered, and what was remembered is its first guess.
 *
 * @throws AppError NOT_FOUND
 */
export async function withConnector<T>(
  catalog: Catalog,
  environment: string,
  work: (connector: Connector, environment: string) => Promise<T>,
): Promise<T> {
  const found = catalog.environments.get(environment);
  return await connected(catalog, found, async (connector) => await work(connector, found.name));
}

/** As `withConnector`, but as if nobody had ever connected: for a test, which is to find out. */
export async function withNewConnector<T>(
  catalog: Catalog,
  environment: string,
  work: (connector: Connector, environment: Environment) => Promise<T>,
): Promise<T> {
  const { seen: _, ...found } = catalog.environments.get(environment);
  return await connected(catalog, found, async (connector) => await work(connector, found));
}

/** A connector for settings that nobody has stored. What it finds out is not remembered. @throws AppError USAGE, NOT_FOUND */
export async function withUntried<T>(
  { environments }: Catalog,
  { environment, keepSecretsOf }: { environment: NewEnvironment; keepSecretsOf?: string | undefined },
  work: (connector: Connector) => Promise<T>,
): Promise<T> {
  const untried = environments.untried(environment, keepSecretsOf);
  const connector = connectorOf(untried.environment, untried.secrets);
  try {
    return await work(connector);
  } finally {
    await connector.close();
  }
}

async function connected<T>(
  { environments }: Catalog,
  environment: Environment,
  work: (connector: Connector) => Promise<T>,
): Promise<T> {
  const connector = connectorOf(environment, environments.secrets(environment.name));
  const remember = (): void => environments.remember(environment, connector.learned?.() ?? {});
  try {
    const result = await work(connector).catch((error: unknown) => {
      throw afterwards(error, remember);
    });
    remember();
    return result;
  } finally {
    await connector.close();
  }
}

/** Also work that failed may have found something out; what it failed with is the error that is told. */
function afterwards(error: unknown, remember: () => void): unknown {
  try {
    remember();
  } catch (cause) {
    if (error instanceof Error) error.cause ??= cause;
  }
  return error;
}

function connectorOf(environment: Environment, secrets: EnvironmentSecrets): Connector {
  const api = environment.api && adminApi(environment, environment.api, secrets);
  const postgres = environment.postgres && databases(environment.name, environment.postgres, secrets);
  if (api && postgres) return createBothConnector({ api, postgres });
  const only = api ?? postgres;
  if (only) return only;
  throw new AppError('INTERNAL', `The environment “${environment.name}” has no way in.`);
}

function adminApi(
  { name, stage, seen }: Environment,
  settings: NonNullable<Environment['api']>,
  { clientSecret = '' }: EnvironmentSecrets,
): Connector {
  const limits = limitsInForce(stage, settings);
  return createAdminApiConnector({ name, ...settings, limits, clientSecret, ...(seen && { seen }) });
}

function databases(
  name: string,
  { tls, ...settings }: NonNullable<Environment['postgres']>,
  { postgresPassword, postgresPasswords, postgresKeyPem }: EnvironmentSecrets,
): Connector {
  return createPostgresConnector({
    name,
    ...settings,
    password: postgresPassword,
    passwords: postgresPasswords,
    tls: { ...tls, keyPem: postgresKeyPem },
  });
}
