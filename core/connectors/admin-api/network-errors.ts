import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import type { Outcome } from './retry.ts';

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
  EADDRNOTAVAIL: unreachable('cannot be reached from this machine', false),
  ENOTFOUND: unreachable('is not known: the host name does not resolve', false),
  EAI_AGAIN: unreachable('cannot be looked up: the name service does not answer', true),
  ETIMEDOUT: timeout('did not answer the connection in time', 'not-sent'),
  UND_ERR_CONNECT_TIMEOUT: timeout('did not accept a connection in time', 'not-sent'),
  UND_ERR_HEADERS_TIMEOUT: timeout('accepted the call and then did not answer in time', 'unknown'),
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
    'Check the clocks of both machines, and the certificate.',
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
 */
export function networkError(cause: unknown, address: string): AppError {
  const code = codeOf(cause);
  const translation = TRANSLATIONS[code] ?? guess(code);
  const where = address.split('/').slice(0, 3).join('/');
  return new AppError(translation.code, `${where} ${translation.text}${certificateNames(cause)}.`, {
    remedy: translation.remedy,
    details: { address, networkCode: code, outcome: translation.outcome, transient: translation.transient },
    cause: plainCause(cause, code),
  });
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
