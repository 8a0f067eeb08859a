import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';

/** The key pair of one run of the auth service, which keeps it in memory only. */
export class SigningKey {
  readonly #private: KeyObject;
  readonly #id = randomUUID();
  /** As JWK, for `/oauth2/jwks`. */
  readonly jwk: Readonly<Record<string, unknown>>;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#private = privateKey;
    const { kty, e, n } = publicKey.export({ format: 'jwk' });
    this.jwk = { kty, e, kid: this.#id, n };
  }

  /** A JWT, signed with RS256. */
  sign(claims: Readonly<Record<string, unknown>>): string {
    const body = `${encode({ kid: this.#id, alg: 'RS256' })}.${encode(claims)}`;
    return `${body}.${sign('sha256', Buffer.from(body), this.#private).toString('base64url')}`;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
