import { AppError } from '../../../contract/errors.ts';
import { SSL_MODES, type SslMode } from './settings.ts';

/** What a connection string says; what it does not say is undefined. */
export interface PostgresUrl {
  readonly user?: string;
  readonly password?: string;
  /** A name, an address (IPv6 without brackets), or the folder of a unix socket (begins with a slash). */
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly sslMode?: SslMode;
  /** Paths of PEM files; `sslRootCert` may be `system`: the authorities known to this program. */
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  readonly applicationName?: string;
  /** Milliseconds. */
  readonly connectMs?: number;
  readonly passFile?: string;
  /** Command-line options for the server process (`-c name=value`). */
  readonly options?: string;
}

export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/**
 * Reads a connection string as libpq does (PostgreSQL documentation, 34.1.1.2 "Connection URIs"), one host only. Stricter
 * in one thing: characters that belong encoded are refused where they would make a part of the password look like
 * something else.
 *
 * @throws AppError USAGE, which repeats nothing that could be a part of the password
 */
export function parsePostgresUrl(text: string): PostgresUrl {
  const parts = /^postgres(?:ql)?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text.trim());
  if (!parts) throw mistake('it does not begin with postgres:// or postgresql://');
  const [, authority = '', path = '', query = ''] = parts;
  if (text.includes('#') || path.includes('@') || query.includes('@'))
    throw mistake(
      'it has a #, or an @ after the first / or ?: in user name, password and values these are written encoded (# %23, / %2F, ? %3F, @ %40)',
    );
  const at = authority.lastIndexOf('@');
  const url = {
    ...(at >= 0 && userAndPassword(authority.slice(0, at))),
    ...hostAndPort(authority.slice(at + 1)),
    ...(path !== '' && { database: decoded(path, 'the name of the database') }),
    ...parameters(query),
  };
  if ((url.sslCert === undefined) !== (url.sslKey === undefined))
    throw mistake('sslcert and sslkey belong together, and one of them is missing');
  return url;
}

function userAndPassword(text: string): Pick<PostgresUrl, 'user' | 'password'> {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const password = colon < 0 ? '' : text.slice(colon + 1);
  return {
    ...(user !== '' && { user: decoded(user, 'the user name') }),
    ...(password !== '' && { password: decoded(password, 'the password') }),
  };
}

function hostAndPort(text: string): Pick<PostgresUrl, 'host' | 'port'> {
  if (text.includes(',')) throw mistake('it names several hosts; give one');
  const parts = text.startsWith('[')
    ? /^\[([^\]]+)\](?::(.*))?$/.exec(text)
    : /^([^:]*)(?::(.*))?$/.exec(text);
  if (!parts) throw mistake('its host is not well-formed');
  const [, host = '', port = ''] = parts;
  if (port.includes(':'))
    throw mistake('it has more than one colon after the user; an IPv6 address stands in brackets: [::1]');
  return {
    ...(host !== '' && { host: decoded(host, 'the host') }),
    ...(port !== '' && { port: portOf(port) }),
  };
}

function portOf(text: string): number {
  const port = portNumber(text);
  if (port === undefined) throw mistake('its port is not a number from 1 to 65535');
  return port;
}

/** Undefined for what is no port. */
export function portNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Each turns the value of one parameter into what is kept of it. */
const PARAMETERS: Readonly<Record<string, (value: string) => Partial<PostgresUrl>>> = {
  host: (host) => {
    if (host.includes(',')) throw mistake('it names several hosts; give one');
    return { host };
  },
  port: (value) => ({ port: portOf(value) }),
  user: (user) => ({ user }),
  password: (password) => ({ password }),
  dbname: (database) => ({ database }),
  sslmode: (value) => ({ sslMode: sslModeOf(value) }),
  // libpq takes it from JDBC's addresses.
  ssl: (value) => {
    if (value !== 'true') throw mistake('“ssl” can only be true; use sslmode');
    return { sslMode: 'require' };
  },
  sslrootcert: (sslRootCert) => ({ sslRootCert }),
  sslcert: (sslCert) => ({ sslCert }),
  sslkey: (sslKey) => ({ sslKey }),
  application_name: (applicationName) => ({ applicationName }),
  fallback_application_name: () => ({}),
  connect_timeout: (value) => {
    if (!/^\d{1,6}$/.test(value)) throw mistake('connect_timeout is not a number of seconds');
    // 0 means "for ever" to libpq; a program that nobody watches keeps its own limit.
    return value === '0' ? {} : { connectMs: Number(value) * 1000 };
  },
  passfile: (passFile) => ({ passFile }),
  options: (options) => ({ options }),
  // What these ask for is what is done anyway.
  client_encoding: () => ({}),
  keepalives: () => ({}),
  keepalives_idle: () => ({}),
  keepalives_interval: () => ({}),
  keepalives_count: () => ({}),
  sslcompression: () => ({}),
  sslsni: () => ({}),
  gssencmode: notOver('require'),
  channel_binding: notOver('require'),
  target_session_attrs: (value) => {
    if (value !== 'any') throw mistake('target_session_attrs can only be “any”: there is one host');
    return {};
  },
};

function notOver(refused: string): (value: string) => Partial<PostgresUrl> {
  return (value) => {
    if (value === refused)
      throw mistake('it requires what is not supported: GSS encryption or channel binding');
    return {};
  };
}

function sslModeOf(value: string): SslMode {
  const mode = SSL_MODES.find((each) => each === value);
  if (!mode) throw mistake(`sslmode is not one of ${SSL_MODES.join(', ')}`);
  return mode;
}

function parameters(query: string): Partial<PostgresUrl> {
  const found: Partial<PostgresUrl>[] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const read = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    // A name of letters only, with a value: more than that could be a part of a password that holds a question mark.
    if (!read || equals < 0)
      throw mistake(
        equals > 0 && /^[a-z_]{1,30}$/.test(name)
          ? `the parameter “${name}” is not supported`
          : 'a parameter after the ? is not of the form name=value',
      );
    const value = decoded(pair.slice(equals + 1), `the value of ${name}`);
    if (value !== '') found.push(read(value));
  }
  return Object.assign({}, ...found) as Partial<PostgresUrl>;
}

function decoded(text: string, what: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    // The exception says no more than that, and would hold the text.
    throw mistake(
      `${what} has a % that is not followed by two hexadecimal digits; the sign itself is written %25`,
    );
  }
  if (plain.includes('\0')) throw mistake(`${what} holds the character NUL`);
  return plain;
}

function mistake(what: string): AppError {
  return new AppError('USAGE', `The address of the PostgreSQL server cannot be used: ${what}.`, {
    remedy:
      'Write it as postgres://user:password@host:5432/database?sslmode=verify-full; every part after the slashes can be left out.',
  });
}
