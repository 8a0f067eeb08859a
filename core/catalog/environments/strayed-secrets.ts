import { serviceName } from '../../../contract/environment.ts';
import { isPostgresUrl } from './postgres-url.ts';
import type { EnvironmentSecrets, EnvironmentSettings } from './settings.ts';

type Channels = Pick<EnvironmentSettings, 'api' | 'postgres'>;
type Postgres = NonNullable<Channels['postgres']>;

/**
 * The stored secrets, as people call them, that settings would send to another address than the one they are stored for:
 * a secret that is given anew may go anywhere. The client certificate's key is no such secret, since it is sent nowhere.
 */
export function strayedSecrets(
  stored: Channels,
  wanted: Channels,
  secrets: { readonly given: EnvironmentSecrets; readonly stored: EnvironmentSecrets },
): string[] {
  const strayed: string[] = [];
  const { given, stored: kept } = secrets;
  if (wanted.api && given.clientSecret === undefined && kept.clientSecret !== undefined)
    if (apiAddresses(stored.api) !== apiAddresses(wanted.api)) strayed.push('client secret');
  if (!wanted.postgres) return strayed;
  if (given.postgresPassword === undefined && kept.postgresPassword !== undefined)
    if (serverOf(stored.postgres?.url) !== serverOf(wanted.postgres.url))
      strayed.push('password of the databases');
  for (const service of serviceName.options) {
    const isKept =
      given.postgresPasswords?.[service] === undefined && kept.postgresPasswords?.[service] !== undefined;
    // Without a place of its own, a service has no password of its own either.
    if (!isKept || wanted.postgres.databases?.[service] === undefined) continue;
    if (serviceServer(stored.postgres, service) !== serviceServer(wanted.postgres, service))
      strayed.push(`password of the database of the service “${service}”`);
  }
  return strayed;
}

/** Everywhere that a client's secret may be sent. */
function apiAddresses(api: Channels['api']): string {
  return JSON.stringify(
    [api?.apiUrl, api?.authUrl, api?.gatewayUrl].map((url) => (url === undefined ? null : new URL(url).href)),
  );
}

function serviceServer(postgres: Postgres | undefined, service: (typeof serviceName.options)[number]) {
  const place = postgres?.databases?.[service];
  return serverOf(place !== undefined && isPostgresUrl(place) ? place : postgres?.url);
}

/** Which server, and how it is reached: parameters can name another one, or give up encryption. */
function serverOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const { hostname, port, search } = new URL(address);
  return JSON.stringify([hostname, port || '5432', search]);
}
