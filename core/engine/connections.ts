import { AppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Environment, EnvironmentSecrets, NewEnvironment } from '../catalog/environments/settings.ts';
import {
  createAdminApiConnector,
  SharedLimiters,
  type AdminApiSettings,
} from '../connectors/admin-api/index.ts';
import { createBothConnector } from '../connectors/both/index.ts';
import type { Connector, ProbeReport, TellStep } from '../connectors/connector.ts';
import { createPostgresConnector } from '../connectors/postgres/index.ts';
import type { Learned } from '../model/seen-server.ts';
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

/** What was tried out last, of each catalog: when it is stored, what was found out about it need not be found out again. */
const triedOut = new WeakMap<Catalog['environments'], { environment: Environment; learned: Learned }>();

/**
 * A probe of settings that nobody has stored. What it finds out is remembered once they are: see `rememberTriedOut`.
 *
 * @throws AppError USAGE, NOT_FOUND
 */
export async function tryOut(
  catalog: Catalog,
  untried: { environment: NewEnvironment; keepSecretsOf?: string | undefined },
  signal: AbortSignal,
  tell?: TellStep,
): Promise<ProbeReport> {
  triedOut.delete(catalog.environments);
  return await withUntried(catalog, untried, async (connector, environment) => {
    const report = await connector.probe(signal, tell);
    const { usable, serverVersion } = report;
    if (usable)
      triedOut.set(catalog.environments, {
        environment,
        learned: { ...connector.learned?.(), ...(serverVersion !== undefined && { serverVersion }) },
      });
    return report;
  });
}

/** To be called when settings were stored: if it was these that were tried out, what was found out holds for the same addresses. */
export function rememberTriedOut({ environments }: Catalog, stored: Environment): void {
  const tried = triedOut.get(environments);
  triedOut.delete(environments);
  if (tried?.environment.name === stored.name) environments.remember(tried.environment, tried.learned);
}

/** A connector for settings that nobody has stored. */
async function withUntried<T>(
  { environments }: Catalog,
  { environment, keepSecretsOf }: { environment: NewEnvironment; keepSecretsOf?: string | undefined },
  work: (connector: Connector, environment: Environment) => Promise<T>,
): Promise<T> {
  const untried = environments.untried(environment, keepSecretsOf);
  const connector = connectorOf(untried.environment, untried.secrets);
  try {
    return await work(connector, untried.environment);
  } finally {
    await connector.close();
  }
}

/** Of the environments of each catalog, those to whose Admin API somebody is connected. */
const limiters = new WeakMap<Catalog['environments'], SharedLimiters>();

async function connected<T>(
  { environments }: Catalog,
  environment: Environment,
  work: (connector: Connector) => Promise<T>,
): Promise<T> {
  const shared = sharedLimiter(environments, environment);
  try {
    const connector = connectorOf(environment, environments.secrets(environment.name), shared?.limiter);
    return await usedAndClosed(connector, environment, environments, work);
  } finally {
    shared?.giveBack();
  }
}

async function usedAndClosed<T>(
  connector: Connector,
  environment: Environment,
  environments: Catalog['environments'],
  work: (connector: Connector) => Promise<T>,
): Promise<T> {
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

function sharedLimiter(
  environments: Catalog['environments'],
  { name, stage, api }: Environment,
): ReturnType<SharedLimiters['take']> | undefined {
  if (!api) return undefined;
  let shared = limiters.get(environments);
  if (!shared) limiters.set(environments, (shared = new SharedLimiters()));
  const limits = limitsInForce(stage, api);
  // Settings that were changed meanwhile make another server of it.
  return shared.take(JSON.stringify([name, api.apiUrl, api.gatewayUrl, limits]), limits);
}

function connectorOf(
  environment: Environment,
  secrets: EnvironmentSecrets,
  limiter?: AdminApiSettings['limiter'],
): Connector {
  const api = environment.api && adminApi(environment, environment.api, secrets, limiter);
  const postgres = environment.postgres && databases(environment.name, environment.postgres, secrets);
  if (api && postgres) return createBothConnector({ api, postgres });
  const only = api ?? postgres;
  if (only) return only;
  throw new AppError('INTERNAL', `The environment “${environment.name}” has no channel.`);
}

function adminApi(
  { name, stage, seen }: Environment,
  settings: NonNullable<Environment['api']>,
  { clientSecret = '' }: EnvironmentSecrets,
  limiter: AdminApiSettings['limiter'],
): Connector {
  const limits = limitsInForce(stage, settings);
  return createAdminApiConnector({
    name,
    ...settings,
    limits,
    clientSecret,
    ...(limiter && { limiter }),
    ...(seen && { seen }),
  });
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
