import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import type { Proxy } from './proxy.ts';
import type { Outcome } from './retry.ts';
import { ProxyFailure } from './tunnel.ts';

interface Translation {
  readonly code: ErrorCode;
  readonly text: string;
  readonly remedy: string;
  readonly outcome: Outcome;
  readonly transient: boolean;
}

const CHECK_ADDRESS =
  'Check the address and the port, and whether the server runs and is allowed through the firewall.';
const TRY_AGAIN =
  'Try again; if it happens again, look at the server, and at proxies between here and there.';

function unreachable(text: string, transient: boolean): Translation {
  return { code: 'UNREACHABLE', text, remedy: CHECK_ADDRESS, outcome: 'not-sent', transient };
}

function lost(text: string): Translation {
  return { code: 'CONNECTION_LOST', text, remedy: TRY_AGAIN, outcome: 'unknown', transient: true };
}

function tls(text: string, remedy: string): Translation {
  return { code: 'TLS_FAILED', text, remedy, outcome: 'not-sent', transient: false };
}

function timeout(text: string, outcome: Outcome): Translation {
  // A call that hung once for the whole limit would hang again: only a connection is tried once more.
  return { code: 'TIMEOUT', text, remedy: TRY_AGAIN, outcome, transient: outcome === 'not-sent' };
}

const PRIVATE_CA =
  'If the server uses a private certificate authority, give its certificate (the environment’s “CA certificate” setting, PEM); verification stays on.';

/** By us: the work that needed the connection was ended. */
const CLOSED: Translation = {
  code: 'CANCELED',
  text: 'was no longer waited for: the connector was closed',
  remedy: '',
  outcome: 'unknown',
  transient: false,
};

const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  ECONNREFUSED: unreachable('refused the connection: nothing listens there', true),
  EHOSTUNREACH: unreachable('cannot be reached: there is no way to that host', true),
  ENETUNREACH: unreachable('cannot be reached: there is no way to that network', true),
  EHOSTDOWN: unreachable('cannot be reached: the host is down', true),
  EADDRNOTAVAIL: unreachable('cannot be reached from this computer', false),
  ENOTFOUND: unreachable('is not known: the host name does not resolve', false),
  EAI_AGAIN: unreachable('cannot be looked up: the name service does not answer', true),
  ETIMEDOUT: timeout('did not answer the connection in time', 'not-sent'),
  UND_ERR_CONNECT_TIMEOUT: timeout('did not accept a connection in time', 'not-sent'),
  UND_ERR_HEADERS_TIMEOUT: timeout('accepted the call and then did not answer in time', 'unknown'),
  TOO_SLOW: timeout('sends its answer too slowly for it to end', 'unknown'),
  UND_ERR_BODY_TIMEOUT: timeout('stopped sending in the middle of its answer', 'unknown'),
  ECONNRESET: lost('broke the connection off'),
  EPIPE: lost('closed the connection while it was being written to'),
  ECONNABORTED: lost('broke the connection off'),
  UND_ERR_SOCKET: lost('closed the connection before its answer was complete'),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: lost('sent less than it had announced'),
  UND_ERR_ABORTED: lost('broke its answer off'),
  UND_ERR_HEADERS_OVERFLOW: {
    code: 'UNEXPECTED_ANSWER',
    text: 'answered with headers too large to be meant',
    remedy: TRY_AGAIN,
    outcome: 'unknown',
    transient: false,
  },
  UND_ERR_DESTROYED: CLOSED,
  UND_ERR_CLOSED: CLOSED,
  CERT_HAS_EXPIRED: tls('has a certificate that has expired', 'Renew the server’s certificate.'),
  CERT_NOT_YET_VALID: tls(
    'has a certificate that is not valid yet',
    'Check the clocks of both computers, and the certificate.',
  ),
  CERT_REVOKED: tls('has a certificate that was revoked', 'Give the server a new certificate.'),
  DEPTH_ZERO_SELF_SIGNED_CERT: tls('has a self-signed certificate', PRIVATE_CA),
  SELF_SIGNED_CERT_IN_CHAIN: tls('has a certificate from an authority that is not trusted here', PRIVATE_CA),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tls(
    'has a certificate whose issuer is not known here (private authority, or an intermediate certificate is not sent)',
    PRIVATE_CA,
  ),
  UNABLE_TO_GET_ISSUER_CERT: tls('has a certificate whose issuer is not known here', PRIVATE_CA),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tls('has a certificate whose issuer is not known here', PRIVATE_CA),
  CERT_SIGNATURE_FAILURE: tls('has a certificate that its issuer did not sign', PRIVATE_CA),
  ERR_TLS_CERT_ALTNAME_INVALID: tls(
    'has a certificate for another name',
    'Use the name that the certificate is for, or give the server a certificate for this name. A private CA does not help here.',
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: tls(
    'does not speak TLS on that port',
    'Use http:// instead of https:// if the server is meant to be without TLS, or check the port.',
  ),
};

/**
 * Turns what undici, sockets and TLS throw into one of our errors.
 *
 * @param address origin and path; never with a query, credentials or a body
 * @param proxy through which the server was to be reached
 */
export function networkError(cause: unknown, address: string, proxy?: Proxy): AppError {
  const failure = proxyFailureIn(cause);
  if (failure !== undefined) return proxyError(failure, address);
  const code = codeOf(cause);
  const translation = isLate(cause, code) ? lost(`broke the connection off (${code})`) : translationOf(code);
  const through = proxy === undefined ? '' : ` (through ${proxy.name})`;
  return new AppError(
    translation.code,
    `${originOf(address)}${through} ${translation.text}${certificateNames(cause)}.`,
    {
      remedy: translation.remedy,
      details: { address, networkCode: code, outcome: translation.outcome, transient: translation.transient },
      cause: plainCause(cause, code),
    },
  );
}

function translationOf(code: string): Translation {
  return TRANSLATIONS[code] ?? guess(code);
}

/**
 * Whether what else would say that there was no connection befell one that stood (the computer slept, or changed its network):
 * then the call may have arrived.
 */
function isLate(cause: unknown, code: string): boolean {
  const { outcome, code: told } = translationOf(code);
  // A handshake that fails comes from a write, too.
  if (outcome !== 'not-sent' || told === 'TLS_FAILED') return false;
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { syscall } = at as NodeJS.ErrnoException;
    if (syscall === 'read' || syscall === 'write') return true;
  }
  return false;
}

function originOf(address: string): string {
  return address.split('/').slice(0, 3).join('/');
}

function proxyFailureIn(cause: unknown): ProxyFailure | undefined {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof ProxyFailure) return at;
  return undefined;
}

/** Nothing has reached the server: the proxy had not connected to it. */
function proxyError({ proxy, status, cause }: ProxyFailure, address: string): AppError {
  const { variable } = proxy;
  const code = status === undefined ? codeOf(cause) : `PROXY_${status}`;
  const { text, remedy, transient } =
    status === undefined ? unreachableProxy(cause, variable) : proxyAnswer(status, variable);
  return new AppError(
    'UNREACHABLE',
    `${originOf(address)} could not be reached, because ${proxy.name} ${text}.`,
    {
      remedy,
      details: { address, proxy: proxy.origin, networkCode: code, outcome: 'not-sent', transient },
      ...(cause === undefined ? {} : { cause: plainCause(cause, code) }),
    },
  );
}

interface ProxyTrouble {
  readonly text: string;
  readonly remedy: string;
  readonly transient: boolean;
}

function unreachableProxy(cause: unknown, variable: string): ProxyTrouble {
  const code = codeOf(cause);
  const { text, transient } = translationOf(code);
  return {
    text: text + certificateNames(cause),
    remedy: `Check the proxy, and its address in ${variable}; or name the server’s host in NO_PROXY, if it can be reached without one.`,
    transient,
  };
}

function proxyAnswer(status: number, variable: string): ProxyTrouble {
  if (status === 407)
    return {
      text: 'asks for a user name and password, or refused those given (407)',
      remedy: `Put them into ${variable}: http://user:password@host:port.`,
      transient: false,
    };
  return {
    text: `did not connect to it (${status})`,
    remedy:
      status >= 500
        ? 'Check the server’s address, and whether the proxy can reach it; or name the server’s host in NO_PROXY.'
        : 'Have the proxy allow this server and port, or name the server’s host in NO_PROXY.',
    transient: status >= 500,
  };
}

function guess(code: string): Translation {
  if (/^ERR_(?:SSL|TLS)|^EPROTO|CERT|_CRL_/.test(code))
    return tls(`could not be spoken to over TLS (${code})`, PRIVATE_CA);
  if (code.startsWith('HPE_'))
    return {
      code: 'UNEXPECTED_ANSWER',
      text: 'did not answer in HTTP',
      remedy: 'Check the port, and whether it needs https://.',
      outcome: 'unknown',
      transient: false,
    };
  return { ...lost(`could not be spoken to (${code})`), transient: false };
}

/** The first code on the way down: undici and happy eyeballs wrap. */
function codeOf(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && code !== '') return code;
    if (at.name === 'HTTPParserError') return 'HPE_UNKNOWN';
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return 'unknown';
}

function certificateNames(cause: unknown): string {
  const certificate = (cause as { cert?: { subjectaltname?: string } } | null)?.cert;
  const names = certificate?.subjectaltname;
  return names === undefined ? '' : ` (it names ${names.slice(0, 200)})`;
}

/** The original may hang on to sockets and options; its words and code are what a developer needs. */
function plainCause(cause: unknown, code: string): Error {
  return new Error(`${code}: ${cause instanceof Error ? cause.message.slice(0, 500) : 'no error object'}`);
}
