import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A certificate with its key, PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

interface Issuer extends TestCertificate {
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

/**
 * X.509 certificates for tests, made when they are needed: Node.js can read but not make them, keys do not belong into
 * a repository, and certificates in files expire some day. The DER of RFC 5280, 4.1, with what TLS looks at.
 */
export function makeAuthority(commonName: string): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = certificate({ commonName, publicKey, authority: true }, { commonName, privateKey });
  return { commonName, privateKey, cert, key: pemKey(privateKey) };
}

/** @param issuer undefined: self-signed */
export function makeServerCertificate(
  about: { readonly names: readonly string[]; readonly fromDays?: number; readonly untilDays?: number },
  issuer?: Issuer,
): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const commonName = about.names[0] ?? 'nobody';
  const cert = certificate({ ...about, commonName, publicKey }, issuer ?? { commonName, privateKey });
  return { cert, key: pemKey(privateKey) };
}

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly authority?: boolean;
  /** Host names and IPv4 addresses. */
  readonly names?: readonly string[];
  /** From now; may be negative. */
  readonly fromDays?: number;
  readonly untilDays?: number;
}

let serial = 1;

function certificate(subject: Subject, issuer: Pick<Issuer, 'commonName' | 'privateKey'>): string {
  const algorithm = sequence(oid(ECDSA_SHA256));
  const signed = sequence(
    tagged(0xa0, integer(2)), // version 3
    integer(serial++),
    algorithm,
    name(issuer.commonName),
    sequence(instant(subject.fromDays ?? -1), instant(subject.untilDays ?? 365)),
    name(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(subject))),
  );
  const signature = sign('sha256', signed, issuer.privateKey);
  const der = sequence(signed, algorithm, tagged(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions(subject: Subject): Buffer[] {
  const constraints = sequence(...(subject.authority ? [tagged(0x01, Buffer.from([0xff]))] : []));
  const basic = sequence(
    oid(BASIC_CONSTRAINTS),
    tagged(0x01, Buffer.from([0xff])),
    tagged(0x04, constraints),
  );
  if (subject.names === undefined) return [basic];
  const names = sequence(...subject.names.map(alternativeName));
  return [basic, sequence(oid(SUBJECT_ALT_NAME), tagged(0x04, names))];
}

function alternativeName(text: string): Buffer {
  return /^[\d.]+$/.test(text)
    ? tagged(0x87, Buffer.from(text.split('.').map(Number)))
    : tagged(0x82, Buffer.from(text));
}

const ECDSA_SHA256 = [42, 134, 72, 206, 61, 4, 3, 2];
const COMMON_NAME = [85, 4, 3];
const BASIC_CONSTRAINTS = [85, 29, 19];
const SUBJECT_ALT_NAME = [85, 29, 17];

function name(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(COMMON_NAME), tagged(0x0c, Buffer.from(commonName)))));
}

function instant(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+|[-:T]/g, '');
  return tagged(0x17, Buffer.from(text.slice(2)));
}

function oid(bytes: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from(bytes));
}

function integer(value: number): Buffer {
  return tagged(
    0x02,
    Buffer.from([0, value >> 8, value & 0xff].slice(value > 0x7fff ? 0 : value > 0x7f ? 1 : 2)),
  );
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function pemKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
