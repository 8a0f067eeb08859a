import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  SERVICE_NAMES,
  SSL_MODES,
  type EnvironmentView,
  type PostgresInput,
} from '../../contract/environment.ts';
import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';
import { listed } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';
import { readSecretFile } from '../secret-file.ts';
import { readTextFile, wholeNumber } from './arguments.ts';
import { asUrl, isConnectionString } from './connection-string.ts';
import { hasPassword, isPostgresUrl, takeFiles } from './postgres-url.ts';
import { fromVariable, givenSecret } from './secret-place.ts';

type Role = (typeof SERVICE_NAMES)[number];
type ByRole = Partial<Readonly<Record<Role, string>>>;

export interface PostgresFlags {
  readonly pgUrl?: string;
  readonly pgUrlEnv?: string;
  readonly pgPasswordEnv?: string;
  readonly pgPasswordFile?: string;
  /** As given: a name, an address, or `env:` and a variable that holds one of these. */
  readonly pgDatabase?: ByRole;
  readonly pgSslmode?: (typeof SSL_MODES)[number];
  readonly pgCaFile?: string;
  readonly pgCertFile?: string;
  readonly pgKeyFile?: string;
  /** Seconds. */
  readonly pgLockTimeout?: number;
}

const FLAGS = {
  pgUrl: '--pg-url',
  pgUrlEnv: '--pg-url-env',
  pgPasswordEnv: '--pg-password-env',
  pgPasswordFile: '--pg-password-file',
  pgDatabase: '--pg-database',
  pgSslmode: '--pg-sslmode',
  pgCaFile: '--pg-ca-file',
  pgCertFile: '--pg-cert-file',
  pgKeyFile: '--pg-key-file',
  pgLockTimeout: '--pg-lock-timeout',
} as const satisfies Readonly<Record<keyof PostgresFlags, string>>;

/** As commander names them. */
export const POSTGRES_NAMES = Object.keys(FLAGS) as (keyof PostgresFlags)[];

const DAY_SECONDS = 24 * 3600;

export function addPostgresFlags(command: Command): Command {
  const options = [
    new Option(
      '--pg-url <url>',
      'address of the PostgreSQL server: postgres://user@host:5432/?sslmode=…, or as libpq has it: "host=… port=… user=…"',
    ).conflicts('pgUrlEnv'),
    new Option(
      '--pg-url-env <variable>',
      'environment variable that holds the address: the way to give one with a password in it',
    ),
    new Option('--pg-password-env <variable>', 'environment variable that holds the password').conflicts(
      'pgPasswordFile',
    ),
    new Option('--pg-password-file <file>', 'file that holds the password'),
    new Option(
      '--pg-database <role=name>',
      'the database of a service (user, rbac, client or realm) where it is not found by its tables; also role=postgres://… or role=env:VARIABLE where it stands on another server; may be repeated',
    ).argParser(collectDatabases),
    new Option('--pg-sslmode <mode>', 'encryption, as libpq has it').choices(SSL_MODES),
    new Option('--pg-ca-file <file>', 'certificate authority to trust instead of the known ones (PEM)'),
    new Option('--pg-cert-file <file>', 'client certificate to log in with (PEM)'),
    new Option('--pg-key-file <file>', 'its key (PEM)'),
    new Option(
      '--pg-lock-timeout <seconds>',
      'how long to wait for a lock that somebody else holds',
    ).argParser(wholeNumber(1, DAY_SECONDS)),
  ];
  for (const option of options) command.addOption(option.helpGroup('PostgreSQL:'));
  return command;
}

export const POSTGRES_HELP = `
Over the Admin API a realm comes without password hashes, client secrets, groups and policies; over PostgreSQL it comes
whole. With both, each is used for what it does best. The databases are found by their tables. Without a password, what
libpq would take is taken at each use: PGPASSWORD, then the password file (PGPASSFILE, ~/.pgpass).`;

/** The flags of the databases that are given, as they are typed. */
export function postgresFlagsGiven(flags: PostgresFlags): string[] {
  return POSTGRES_NAMES.filter((name) => flags[name] !== undefined).map((name) => FLAGS[name]);
}

/**
 * The databases with what the flags say about them; undefined when they say nothing. Files that the address names are
 * read now: a later run may start in another folder.
 *
 * @param old what is known of them already
 * @throws AppError USAGE, FILE_FAILED
 */
export async function postgresFrom(
  io: Io,
  flags: PostgresFlags,
  old?: EnvironmentView['postgres'],
): Promise<PostgresInput | undefined> {
  const given = postgresFlagsGiven(flags);
  if (given.length === 0) return undefined;
  const address = newAddress(io, flags) ?? old?.url;
  if (address === undefined) throw noServer(given[0]!);
  const { url, files } = takeFiles(address);
  const password = await givenSecret(io, {
    what: 'database password',
    variable: flags.pgPasswordEnv,
    file: flags.pgPasswordFile,
  });
  const tls = {
    ...mode(flags.pgSslmode ?? old?.tls.mode),
    ...(await certificates(io, {
      ca: flags.pgCaFile ?? files.sslrootcert,
      cert: flags.pgCertFile ?? files.sslcert,
      key: flags.pgKeyFile ?? files.sslkey,
    })),
  };
  if (old?.tls.privateCa && tls.caPem === undefined)
    throw filesAgain('an authority of its own', '--pg-ca-file');
  if (old?.tls.clientCertificate && tls.certPem === undefined)
    throw filesAgain('a client certificate', '--pg-cert-file and --pg-key-file');
  const databases = { ...old?.databases, ...namedDatabases(io, flags.pgDatabase ?? {}) };
  const timeouts = {
    ...old?.timeouts,
    ...(flags.pgLockTimeout === undefined ? {} : { lockMs: flags.pgLockTimeout * 1000 }),
  };
  return {
    url,
    ...(password === undefined ? {} : { password }),
    ...(Object.keys(databases).length === 0 ? {} : { databases }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    ...(Object.keys(timeouts).length === 0 ? {} : { timeouts }),
  };
}

function newAddress(io: Io, { pgUrl, pgUrlEnv }: PostgresFlags): string | undefined {
  if (pgUrlEnv !== undefined)
    return addressIn(fromVariable(io, pgUrlEnv, 'address of the PostgreSQL server'), quoted(pgUrlEnv));
  if (pgUrl === undefined) return undefined;
  if (hasPassword(asPlace(pgUrl))) warnOfPassword(io, '--pg-url', '--pg-url-env VARIABLE');
  return addressIn(pgUrl, '--pg-url');
}

/** @throws AppError USAGE, which does not repeat the text: there may be a password in it */
function addressIn(text: string, place: string): string {
  if (isPostgresUrl(text)) return text;
  if (isConnectionString(text)) return asUrl(text);
  throw new AppError('USAGE', `What ${place} holds is no address of PostgreSQL.`, {
    notChanged: 'No environment was added or changed.',
    remedy:
      'It reads postgres://user@host:5432/, or as libpq has it: host=… port=5432 user=…; a password is better kept apart.',
  });
}

function namedDatabases(io: Io, given: ByRole): ByRole {
  return Object.fromEntries(
    Object.entries(given).map(([role, place]) => {
      if (place.startsWith('env:'))
        return [role, asPlace(fromVariable(io, place.slice(4), `address of “${role}”`))];
      if (hasPassword(asPlace(place)))
        warnOfPassword(io, '--pg-database', `--pg-database ${role}=env:VARIABLE`);
      return [role, asPlace(place)];
    }),
  );
}

/** A database's name, or an address in the one form in which it is kept. */
function asPlace(place: string): string {
  return isConnectionString(place) ? asUrl(place) : place;
}

function warnOfPassword(io: Io, flag: string, instead: string): void {
  io.warn(
    `The password in ${flag} is on the command line: every user of this computer can read it while this runs, and the shell keeps it in its history. Next time put the address into an environment variable and give ${instead}.`,
  );
}

function mode(chosen: PostgresFlags['pgSslmode']): { mode?: (typeof SSL_MODES)[number] } {
  return chosen === undefined ? {} : { mode: chosen };
}

async function certificates(
  io: Io,
  { ca, cert, key }: { ca: string | undefined; cert: string | undefined; key: string | undefined },
): Promise<{ caPem?: string; certPem?: string; keyPem?: string }> {
  if ((cert === undefined) !== (key === undefined))
    throw new AppError(
      'USAGE',
      cert === undefined
        ? 'A client certificate’s key is given without the certificate.'
        : 'A client certificate is given without its key.',
      {
        notChanged: 'No environment was added or changed.',
        remedy: 'Give both files: --pg-cert-file and --pg-key-file.',
      },
    );
  return {
    ...(ca === undefined ? {} : { caPem: await readTextFile(ca, 'The certificate authority') }),
    ...(cert === undefined ? {} : { certPem: await readTextFile(cert, 'The client certificate') }),
    ...(key === undefined ? {} : { keyPem: await readSecretFile(io, key, 'client certificate’s key') }),
  };
}

/** `role=name`, collected by role. */
function collectDatabases(value: string, earlier: ByRole | undefined): ByRole {
  const equals = value.indexOf('=');
  const role = value.slice(0, Math.max(equals, 0));
  const place = value.slice(equals + 1);
  if (!isRole(role) || place === '' || place === 'env:')
    throw new InvalidArgumentError(
      `It is written role=name, such as user=opengate_user; the roles are ${listed(SERVICE_NAMES)}.`,
    );
  if (earlier?.[role] !== undefined)
    throw new InvalidArgumentError(`The database of ${quoted(role)} is given twice.`);
  return { ...earlier, [role]: place };
}

function isRole(word: string): word is Role {
  return (SERVICE_NAMES as readonly string[]).includes(word);
}

function noServer(flag: string): AppError {
  return new AppError('USAGE', `With ${flag} databases are meant, but no server is named.`, {
    notChanged: 'No environment was added or changed.',
    remedy: 'Give its address: --pg-url postgres://user@host:5432/ or --pg-url-env VARIABLE.',
  });
}

/** Certificates are not told back, so they cannot be carried over into the changed settings. */
function filesAgain(what: string, flags: string): AppError {
  return new AppError('USAGE', `The databases are reached with ${what}.`, {
    notChanged: 'The environment was not changed.',
    remedy: `Name the file again: ${flags}.`,
  });
}
