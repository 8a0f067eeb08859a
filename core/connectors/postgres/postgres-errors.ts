import { AppError, isAppError, type ErrorCode } from '../../../contract/errors.ts';

export interface ErrorContext {
  /** Where it happened, to be shown: `opengate_user`, `db.example.com:5432`. */
  readonly place?: string | undefined;
  /** The role that was used. */
  readonly user?: string | undefined;
  /** While connecting: then nothing can have been done. */
  readonly connecting?: boolean | undefined;
  /** Who was last seen to hold the lock that was waited for: "process 4711 (user app)". */
  readonly holder?: string | undefined;
}

interface Translation {
  readonly code: ErrorCode;
  /** Goes on after "<place>: ". */
  readonly text: string;
  readonly remedy: string;
  readonly notChanged?: string;
}

/**
 * What PostgreSQL or the line to it said, as ours. `details.sqlState` has PostgreSQL's code. Never repeats what may hold
 * the values of a row: a server message's DETAIL, and the message where it quotes a value.
 */
export function translated(error: unknown, context: ErrorContext = {}): AppError {
  if (isAppError(error)) return error;
  const server = serverError(error);
  return server ? fromServer(server, context) : fromTheLine(error, context);
}

/** What pg makes of an ErrorResponse (PostgreSQL documentation, 53.8). */
interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
}

function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' && /^[\dA-Z]{5}$/.test(code)
    ? (error as Error & ServerError)
    : undefined;
}

const RIGHTS = 'docs/postgres-rights.md has the GRANT statements.';
const SINCE = 'Compare again, and decide upon what is there now.';
const LOG = 'Look into the server’s log.';
const UNDONE = 'What was not committed was undone.';
const CONNECTION_ENDED = 'Look at the server, and at what stands between here and there; then try again.';

type Translator = (error: ServerError, context: ErrorContext) => Translation;

const BY_STATE: Readonly<Record<string, Translator>> = {
  '28P01': wrongPassword,
  '28000': ({ message }, { user }) => ({
    code: 'AUTH_FAILED',
    text: `the server does not let ${named(user)} in: ${message}`,
    remedy: /no encryption|SSL off/.test(message)
      ? 'The server may want an encrypted connection: sslmode=require, verify-ca or verify-full.'
      : 'Check the user and the server’s pg_hba.conf; a client certificate may be wanted.',
  }),
  '3D000': ({ message }) => ({
    code: 'NOT_FOUND',
    text: message,
    remedy:
      'Correct the name of the database, in the address or by drawbridge env update <env> --pg-database <service>=<name>.',
  }),
  '42501': ({ message }, { user }) => ({
    code: 'FORBIDDEN',
    text: `${named(user)} lacks a right: ${message}`,
    remedy: message.includes('row-level security')
      ? 'Give the role BYPASSRLS, or switch row level security off for the table: it would hide rows.'
      : RIGHTS,
    notChanged: UNDONE,
  }),
  '53400': ({ message }) => ({
    code: 'SERVER_ERROR',
    text: `a limit that is set on the server was exceeded: ${message}`,
    remedy: `Raise it for this role, or for the whole server (${limitOf(message)}), then try again.`,
    notChanged: UNDONE,
  }),
  '57014': ({ message }) => ({
    code: 'TIMEOUT',
    text: `the server ended the statement: ${message}`,
    remedy: 'Somebody canceled it, or a limit ended it; try again.',
    notChanged: UNDONE,
  }),
  '55P03': (_error, { holder }) => ({
    code: 'TARGET_LOCKED',
    text: `a lock was waited for in vain${holder === undefined ? '' : `, held by ${holder}`}`,
    remedy: 'Wait until the other work is done, or end it; then try again.',
    notChanged: UNDONE,
  }),
  '40001': () => ({
    code: 'TARGET_CHANGED',
    text: 'somebody else changed the same rows meanwhile',
    remedy: SINCE,
    notChanged: UNDONE,
  }),
  '40P01': () => ({
    code: 'TARGET_CHANGED',
    text: 'this work and somebody else’s waited for each other (deadlock)',
    remedy: SINCE,
    notChanged: UNDONE,
  }),
  '23505': ({ constraint }) => ({
    code: 'TARGET_CHANGED',
    text: `a row would be there twice (constraint “${constraint ?? 'unnamed'}”): somebody else wrote it meanwhile, or the column’s collation takes two different texts for the same`,
    remedy: `${SINCE} \`env test\` tells of such collations.`,
    notChanged: UNDONE,
  }),
  '25006': () => ({
    code: 'UNSUPPORTED_BY_ROUTE',
    text: 'the server is read only (a standby, perhaps)',
    remedy: 'Give the address of the primary server to write; a standby can be backed up.',
    notChanged: 'Nothing was written.',
  }),
  '53100': () => ({
    code: 'SERVER_ERROR',
    text: 'the server’s disk is full',
    remedy: 'Make room on the server, then try again.',
    notChanged: UNDONE,
  }),
  '53200': () => ({
    code: 'SERVER_ERROR',
    text: 'the server is out of memory',
    remedy: `${LOG} Then try again.`,
    notChanged: UNDONE,
  }),
  '53300': () => ({
    code: 'UNREACHABLE',
    text: 'the server takes no more connections',
    remedy: 'Try again when it is less busy; Drawbridge needs up to one a database and one to watch.',
  }),
  '55000': ({ message }, { connecting }) => ({
    code: connecting ? 'UNREACHABLE' : 'SERVER_ERROR',
    text: message,
    remedy: LOG,
    notChanged: UNDONE,
  }),
  '57P03': ({ message }) => ({
    code: 'UNREACHABLE',
    text: `the server is not ready: ${message}`,
    remedy: 'Try again when it has started.',
  }),
  '57P01': lost('an administrator ended the connection, or the server is shutting down'),
  '57P02': lost('the server crashed'),
  '57P04': lost('the database was dropped'),
  '57P05': lost('the server ended an idle connection'),
  '25P03': lost('the server ended the connection: idle in a transaction for longer than it allows'),
  '25P04': lost('the server ended the connection: a transaction took longer than it allows'),
  '42P01': changedSchema,
  '42703': changedSchema,
  '22021': () => ({
    code: 'UNEXPECTED_ANSWER',
    text: 'a text is not valid UTF-8, or holds the character NUL',
    remedy: 'Find and correct it in the database; databases with the encoding SQL_ASCII can hold such texts.',
    notChanged: UNDONE,
  }),
  '22P05': () => ({
    code: 'REQUEST_REFUSED',
    text: 'a text has a character that the database’s encoding does not have',
    remedy: 'Use a database with the encoding UTF8.',
    notChanged: UNDONE,
  }),
};

/** By the first two characters (PostgreSQL documentation, Appendix A). */
const BY_CLASS: Readonly<Record<string, Translator>> = {
  '08': ({ message }) => ({ code: 'CONNECTION_LOST', text: message, remedy: CONNECTION_ENDED }),
  // These messages quote the value.
  '22': ({ code, table, column }) => ({
    code: 'REQUEST_REFUSED',
    text: `a value does not fit${where(table, column)} (${code})`,
    remedy: 'Compare the columns of both servers: they may be of different releases.',
    notChanged: UNDONE,
  }),
  '23': ({ code, table, column, constraint }) => ({
    code: 'REQUEST_REFUSED',
    text: `a row breaks a rule${where(table, column)}${constraint === undefined ? '' : `, constraint “${constraint}”`} (${code})`,
    remedy: 'Compare the tables of both servers: they may be of different releases.',
    notChanged: UNDONE,
  }),
  // Raised by a trigger or a function: the message may say anything.
  P0: ({ code }) => ({
    code: 'REQUEST_REFUSED',
    text: `a trigger or function in the database refused the work (${code})`,
    remedy: LOG,
    notChanged: UNDONE,
  }),
};

function fromServer(error: ServerError, context: ErrorContext): AppError {
  const translator = BY_STATE[error.code] ?? BY_CLASS[error.code.slice(0, 2)];
  const { code, text, remedy, notChanged }: Translation = translator?.(error, context) ?? {
    code: 'SERVER_ERROR',
    text: `${error.message} (${error.code})`,
    remedy: LOG,
    notChanged: UNDONE,
  };
  const { table, constraint } = error;
  return new AppError(code, sentence(text, context), {
    remedy,
    notChanged: context.connecting ? '' : (notChanged ?? ''),
    details: {
      sqlState: error.code,
      ...(code === 'CONNECTION_LOST' && outcome(context)),
      ...(table !== undefined && { table }),
      ...(constraint !== undefined && { constraint }),
      ...(code === 'TARGET_LOCKED' && context.holder !== undefined && { holder: context.holder }),
    },
    cause: new Error(`PostgreSQL ${error.code}`),
  });
}

/** As a superuser sets it. The server names the setting in its message, in English at least. */
function limitOf(message: string): string {
  const [setting] = /\btemp_file_limit\b/.exec(message) ?? [];
  return setting === undefined
    ? 'its log names the setting'
    : `ALTER ROLE … SET ${setting} = …, as a superuser`;
}

function wrongPassword(_error: ServerError, { user }: ErrorContext): Translation {
  return {
    code: 'AUTH_FAILED',
    text: `the server refused the password of ${named(user)}`,
    remedy: 'Give the right password, or set it anew on the server (ALTER ROLE … PASSWORD).',
  };
}

function changedSchema({ message }: ServerError): Translation {
  return {
    code: 'SCHEMA_UNSUPPORTED',
    text: `the tables are not as they were found: ${message}`,
    remedy: 'Try again; `env test` shows what is found now.',
    notChanged: UNDONE,
  };
}

function lost(text: string): Translator {
  return () => ({ code: 'CONNECTION_LOST', text, remedy: CONNECTION_ENDED });
}

const UNREACHED = 'Check host and port, and whether the server runs and is allowed through the firewall.';
const CERTIFICATE =
  'If the server uses a private authority, give its certificate (sslrootcert=FILE, “CA certificate”). sslmode=require encrypts without looking at it: then whoever answers can get the password and all the data.';

const BY_ERRNO: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  ECONNREFUSED: ['UNREACHABLE', 'the connection was refused: nothing listens there', UNREACHED],
  ENOENT: ['UNREACHABLE', 'there is no such socket: no server runs there', UNREACHED],
  EACCES: ['UNREACHABLE', 'the socket may not be opened by this user', UNREACHED],
  ENOTFOUND: ['UNREACHABLE', 'the host name does not resolve', UNREACHED],
  EAI_AGAIN: ['UNREACHABLE', 'the name service does not answer', UNREACHED],
  EHOSTUNREACH: ['UNREACHABLE', 'there is no way to that host', UNREACHED],
  ENETUNREACH: ['UNREACHABLE', 'there is no way to that network', UNREACHED],
  EHOSTDOWN: ['UNREACHABLE', 'the host is down', UNREACHED],
  EADDRNOTAVAIL: ['UNREACHABLE', 'it cannot be reached from this computer', UNREACHED],
  ERR_SOCKET_BAD_PORT: ['UNREACHABLE', 'the port is not one', UNREACHED],
  CERT_HAS_EXPIRED: ['TLS_FAILED', 'the server’s certificate has expired', 'Renew it.'],
  CERT_NOT_YET_VALID: ['TLS_FAILED', 'the server’s certificate is not valid yet', 'Check both clocks.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['TLS_FAILED', 'the server’s certificate is self-signed', CERTIFICATE],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'TLS_FAILED',
    'the server’s certificate is from an authority that is not trusted here',
    CERTIFICATE,
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'TLS_FAILED',
    'the issuer of the server’s certificate is not known here',
    CERTIFICATE,
  ],
  UNABLE_TO_GET_ISSUER_CERT: [
    'TLS_FAILED',
    'the issuer of the server’s certificate is not known here',
    CERTIFICATE,
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'TLS_FAILED',
    'the issuer of the server’s certificate is not known here',
    CERTIFICATE,
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'TLS_FAILED',
    'the server’s certificate is for another name',
    'Use the name that the certificate is for, or sslmode=verify-ca where every certificate of your own authority will do.',
  ],
};

/** Sockets, TLS, and pg itself, which throws plain errors. */
function fromTheLine(error: unknown, context: ErrorContext): AppError {
  const errno = errnoOf(error);
  const message = error instanceof Error ? error.message : '';
  const [code, text, remedy] = BY_ERRNO[errno] ?? tlsFault(errno) ?? byMessage(message, errno, context);
  return new AppError(code, sentence(text, context), {
    remedy,
    details: {
      ...(errno !== '' && { networkCode: errno }),
      ...(code === 'CONNECTION_LOST' && outcome(context)),
    },
    // The original may hang on to sockets and options.
    cause: new Error(errno === '' ? message.slice(0, 200) : errno),
  });
}

function tlsFault(errno: string): readonly [ErrorCode, string, string] | undefined {
  return /^ERR_(?:SSL|TLS|OSSL)|^EPROTO$|CERT|_CRL_/.test(errno)
    ? [
        'TLS_FAILED',
        `TLS could not be agreed upon (${errno})`,
        'The server may want a client certificate (sslcert, sslkey), or speak versions of TLS that are too old.',
      ]
    : undefined;
}

function byMessage(
  message: string,
  errno: string,
  { connecting, user }: ErrorContext,
): readonly [ErrorCode, string, string] {
  if (message === 'The server does not support SSL connections')
    return [
      'TLS_FAILED',
      'the server offers no encryption, and what is sent would be readable for anyone in between',
      'Switch TLS on at the server (ssl = on), or say sslmode=disable where the way to it is safe.',
    ];
  if (message === 'There was an error establishing an SSL connection')
    return [
      'UNEXPECTED_ANSWER',
      'what answers there does not speak PostgreSQL’s protocol',
      'Check host and port.',
    ];
  if (message.includes('Unknown authenticationOk message type') || message.startsWith('SASL: Only mechanism'))
    return [
      'AUTH_FAILED',
      `the server asks ${named(user)} to log in by a method that is not supported`,
      'Passwords (scram-sha-256, md5, password) and client certificates are: see the server’s pg_hba.conf.',
    ];
  if (message.startsWith('SASL:'))
    return [
      'AUTH_FAILED',
      `logging in as ${named(user)} failed: the server could not prove that it knows the password`,
      'Check that it is the right server.',
    ];
  if (connecting)
    return [
      'UNREACHABLE',
      errno === 'ETIMEDOUT' ? 'the connection was not answered' : 'the connection was closed before it stood',
      UNREACHED,
    ];
  return ['CONNECTION_LOST', 'the connection broke off', CONNECTION_ENDED];
}

/** The first code on the way down: several addresses of one host end in an AggregateError. */
function errnoOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError && error.errors.length > 0) return errnoOf(error.errors[0]);
  return typeof code === 'string' ? code : '';
}

function outcome({ connecting }: ErrorContext): { outcome: 'not-sent' | 'unknown' } {
  return { outcome: connecting ? 'not-sent' : 'unknown' };
}

function named(user: string | undefined): string {
  return user === undefined ? 'the user' : `“${user}”`;
}

function where(table: string | undefined, column: string | undefined): string {
  if (table === undefined) return '';
  return column === undefined ? ` in “${table}”` : ` in “${table}.${column}”`;
}

function sentence(text: string, { place }: ErrorContext): string {
  return `PostgreSQL${place === undefined ? '' : ` (${place})`}: ${text}.`;
}
