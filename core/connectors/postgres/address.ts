import { isIPv4 } from 'node:net';
import { userInfo } from 'node:os';
import { AppError } from '../../../contract/errors.ts';
import type { Service } from './services.ts';
import { SSL_MODES, type PostgresSettings, type SslMode } from './settings.ts';
import { isPostgresUrl, parsePostgresUrl, portNumber, type PostgresUrl } from './url.ts';

/** One server and how to log in to it, all defaults filled in. Holds a password: never to be shown or kept as a whole. */
export interface Address {
  /** A name, an address, the folder of a unix socket; undefined: this machine, by whatever way there is. */
  readonly host: string | undefined;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly passFile: string | undefined;
  /** Which database to connect to where no other is meant. */
  readonly database: string | undefined;
  readonly applicationName: string;
  readonly options: string | undefined;
  /** Milliseconds. */
  readonly connectMs: number;
  /** This machine: loopback or a unix socket. */
  readonly local: boolean;
  readonly tls: {
    readonly mode: SslMode;
    /** Nobody chose the mode. */
    readonly modeIsDefault: boolean;
    readonly ca: Pem | undefined;
    readonly cert: Pem | undefined;
    readonly key: Pem | undefined;
  };
}

/** A PEM text, or the file that holds it. */
export type Pem = { readonly text: string } | { readonly file: string };

const CONNECT_MS = 10_000;

/**
 * The address of the environment's server, or that of a service which stands elsewhere. What is not given is taken as
 * libpq does (PostgreSQL documentation, 34.15 "Environment Variables").
 *
 * @throws AppError USAGE
 */
export function addressOf(
  settings: PostgresSettings,
  service?: Service,
  environment: NodeJS.ProcessEnv = process.env,
): Address {
  const main = fromUrl(parsePostgresUrl(settings.url), settings, environment, {
    mode: settings.tls?.mode,
    password: settings.password,
  });
  const own = service && settings.databases?.[service];
  if (own === undefined || !isPostgresUrl(own)) return main;
  const url = parsePostgresUrl(own);
  const given = service && settings.passwords?.[service];
  const elsewhere = fromUrl(url, settings, environment, {
    mode: url.sslMode ?? settings.tls?.mode,
    password: given ?? url.password,
  });
  // The same server and user: one password is enough. It goes nowhere else.
  return given === undefined && url.password === undefined && sameLogin(main, elsewhere)
    ? { ...elsewhere, password: main.password }
    : elsewhere;
}

/** The database named by hand for this service; undefined: it is looked for. */
export function namedDatabase(settings: PostgresSettings, service: Service): string | undefined {
  const own = settings.databases?.[service];
  return own !== undefined && isPostgresUrl(own) ? parsePostgresUrl(own).database : own;
}

/** `db.example.com:5432`, `[::1]:5432`, `/var/run/postgresql (port 5432)`: fit to be shown. */
export function shownServer({ host, port }: Pick<Address, 'host' | 'port'>): string {
  if (host === undefined) return `localhost:${port}`;
  if (host.startsWith('/')) return `${host} (port ${port})`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function sameServer(one: Address, other: Address): boolean {
  return shownServer(one) === shownServer(other);
}

function sameLogin(one: Address, other: Address): boolean {
  return sameServer(one, other) && one.user === other.user;
}

function fromUrl(
  url: PostgresUrl,
  settings: PostgresSettings,
  environment: NodeJS.ProcessEnv,
  chosen: { readonly mode: SslMode | undefined; readonly password: string | undefined },
): Address {
  const taken = (name: string): string | undefined => environment[name] || undefined;
  const host = url.host ?? taken('PGHOST');
  const local = isLocal(host);
  const seconds = Number(taken('PGCONNECT_TIMEOUT') ?? 0);
  const mode = chosen.mode ?? url.sslMode ?? sslModeIn(taken('PGSSLMODE'));
  const { tls } = settings;
  return {
    host,
    port: url.port ?? portIn(taken('PGPORT')) ?? 5432,
    user: url.user ?? taken('PGUSER') ?? operatingSystemUser(),
    password: chosen.password || url.password || taken('PGPASSWORD'),
    passFile: url.passFile ?? taken('PGPASSFILE'),
    database: url.database ?? taken('PGDATABASE'),
    applicationName: url.applicationName ?? taken('PGAPPNAME') ?? 'drawbridge',
    options: url.options ?? taken('PGOPTIONS'),
    connectMs: settings.timeouts?.connectMs ?? url.connectMs ?? (seconds > 0 ? seconds * 1000 : CONNECT_MS),
    local,
    tls: {
      mode: mode ?? (local ? 'prefer' : 'verify-full'),
      modeIsDefault: mode === undefined,
      ca: pem(tls?.caPem, url.sslRootCert ?? taken('PGSSLROOTCERT')),
      cert: pem(tls?.certPem, url.sslCert ?? taken('PGSSLCERT')),
      key: pem(tls?.keyPem, url.sslKey ?? taken('PGSSLKEY')),
    },
  };
}

/** One that is passed over would lead to another server than the one that is meant. */
function portIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = portNumber(text);
  if (port === undefined) throw unusable('PGPORT', 'a number from 1 to 65535');
  return port;
}

function sslModeIn(text: string | undefined): SslMode | undefined {
  const mode = SSL_MODES.find((each) => each === text);
  if (text !== undefined && !mode) throw unusable('PGSSLMODE', `one of ${SSL_MODES.join(', ')}`);
  return mode;
}

function unusable(variable: string, wanted: string): AppError {
  return new AppError('USAGE', `The environment variable ${variable} is not ${wanted}.`, {
    notChanged: 'Nothing was sent.',
    remedy: 'Correct it, or say with the address what is meant: then the variable is not looked at.',
    details: { variable },
  });
}

function pem(text: string | undefined, file: string | undefined): Pem | undefined {
  if (text !== undefined) return { text };
  return file === undefined || file === 'system' ? undefined : { file };
}

function isLocal(host: string | undefined): boolean {
  return (
    host === undefined ||
    /^\/|^(?:.*\.)?localhost$|^::1$/.test(host) ||
    (isIPv4(host) && host.startsWith('127.'))
  );
}

function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's list (containers): the server's usual owner is as good a guess.
    return 'postgres';
  }
}
