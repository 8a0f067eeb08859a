import { AppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Environment, EnvironmentSecrets } from '../catalog/environments/settings.ts';
import { createAdminApiConnector } from '../connectors/admin-api/index.ts';
import { createBothConnector } from '../connectors/both/index.ts';
import type { Connector } from '../connectors/connector.ts';
import { createPostgresConnector } from '../connectors/postgres/index.ts';
import { limitsInForce } from './api-limits.ts';

/** Opens a known environment's connector for the length of one piece of work. @throws AppError NOT_FOUND */
export async function withConnector<T>(
  catalog: Catalog,
  environment: string,
  work: (connector: Connector, environment: string) => Promise<T>,
): Promise<T> {
  const found = catalog.environments.get(environment);
  const connector = connectorOf(found, catalog.environments.secrets(found.name));
  try {
    return await work(connector, found.name);
  } finally {
    await connector.close();
  }
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
  { name, stage }: Environment,
  settings: NonNullable<Environment['api']>,
  { clientSecret = '' }: EnvironmentSecrets,
): Connector {
  const limits = limitsInForce(stage, settings);
  return createAdminApiConnector({ name, ...settings, limits, clientSecret });
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
