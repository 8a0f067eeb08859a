import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { AppError } from '../../../contract/errors.ts';
import { tlsFactsOf, type TlsFacts } from '../probe-verdict.ts';
import type { Address, Pem } from './address.ts';

/** What pg hands on to `tls.connect`. */
export interface TlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: () => undefined;
}

export interface TlsPlan {
  /** False: in plain text. */
  readonly ssl: TlsOptions | false;
  /** Whether to go on in plain text with a server that says it has no TLS. */
  readonly mayBePlain: boolean;
}

/**
 * libpq's modes (PostgreSQL documentation, 34.19 "SSL Support"). A mode that does not verify verifies the chain all the
 * same where an authority is given; unix sockets are never encrypted.
 *
 * @throws AppError FILE_FAILED, TLS_FAILED when a certificate cannot be read
 */
export async function planTls({ host, tls }: Address): Promise<TlsPlan> {
  if (tls.mode === 'disable' || host?.startsWith('/')) return { ssl: false, mayBePlain: true };
  const secureContext = contextOf({
    ca: await readPem(tls.ca),
    cert: await readPem(tls.cert),
    key: await readPem(tls.key),
  });
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full' || tls.ca !== undefined;
  return {
    ssl: {
      secureContext,
      rejectUnauthorized: verifies,
      ...(tls.mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    },
    mayBePlain: tls.mode === 'prefer',
  };
}

async function readPem(pem: Pem | undefined): Promise<string | undefined> {
  if (pem === undefined || 'text' in pem) return pem?.text;
  try {
    return await readFile(pem.file, 'utf8');
  } catch (cause) {
    throw new AppError('FILE_FAILED', `The certificate or key ${pem.file} cannot be read.`, {
      remedy: 'Correct its path in the address (sslrootcert, sslcert, sslkey), or make it readable.',
      cause,
    });
  }
}

function contextOf(parts: {
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}): SecureContext {
  if (parts.ca !== undefined && !parts.ca.includes('-----BEGIN'))
    // Node would take it for an empty list, and every server for untrusted.
    throw new AppError('TLS_FAILED', 'The given certificate authority is not in PEM.', {
      remedy: 'Give a file with -----BEGIN CERTIFICATE-----.',
    });
  try {
    return createSecureContext({
      ...(parts.ca !== undefined && { ca: parts.ca }),
      ...(parts.cert !== undefined && { cert: parts.cert }),
      ...(parts.key !== undefined && { key: parts.key }),
    });
  } catch (cause) {
    throw new AppError(
      'TLS_FAILED',
      'The given certificates cannot be used: one is not in PEM, or the key does not belong to the client certificate.',
      {
        remedy: 'Check the certificate authority, the client certificate and its key (without a passphrase).',
        cause: new Error((cause as NodeJS.ErrnoException).code ?? 'unknown'),
      },
    );
  }
}

/** @returns undefined when the connection is not encrypted */
export function tlsFacts(stream: object): TlsFacts | undefined {
  return 'getPeerCertificate' in stream ? tlsFactsOf(stream as TLSSocket) : undefined;
}
