import type { TLSSocket } from 'node:tls';
import type { AppError } from '../../contract/errors.ts';
import type { ProbeVerdict } from './connector.ts';

/** What one step of a probe came to, and a sentence about it. */
export type Verdict = readonly [ProbeVerdict, string];

/** What an error of ours says of a step that failed. */
export function failedVerdict({ message, remedy }: AppError): Verdict {
  return ['failed', remedy === '' ? message : `${message} ${remedy}`];
}

export interface TlsFacts {
  /** "TLSv1.3" */
  readonly protocol: string;
  readonly issuer: string;
  readonly validTo: Date | undefined;
}

export function tlsFactsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate();
  const validTo = new Date(certificate.valid_to);
  const issuer = certificate.issuer?.O ?? certificate.issuer?.CN;
  return {
    protocol: socket.getProtocol() ?? 'an unknown version',
    issuer: (Array.isArray(issuer) ? issuer[0] : issuer) ?? 'an unnamed authority',
    validTo: Number.isNaN(validTo.getTime()) ? undefined : validTo,
  };
}

const WARN_BEFORE_EXPIRY_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Of a certificate that was verified.
 *
 * @param spoken how it is spoken, to begin the sentence: "TLSv1.3, certificate from ACME"
 * @param now milliseconds since 1970
 */
export function validityVerdict(spoken: string, validTo: Date | undefined, now: number): Verdict {
  if (validTo === undefined) return ['ok', `${spoken}.`];
  const until = validTo.toISOString().slice(0, 10);
  const days = Math.floor((validTo.getTime() - now) / DAY_MS);
  return days < WARN_BEFORE_EXPIRY_DAYS
    ? ['finding', `${spoken}, expires in ${days} ${days === 1 ? 'day' : 'days'} (${until}). Renew it.`]
    : ['ok', `${spoken}, valid until ${until}.`];
}
