import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';

export interface TokenClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whether its tokens may use the Admin API. */
  readonly admin: boolean;
}

interface Claims {
  readonly azp: string;
  readonly exp: number;
}

/** Issues and checks bearer tokens. They look like JWTs and are opaque to clients; the key lives in this process. */
export class Tokens {
  readonly #clients: readonly TokenClient[];
  readonly #lifetimeSeconds: number;
  #key = randomBytes(32);

  constructor(clients: readonly TokenClient[], lifetimeSeconds: number) {
    this.#clients = clients;
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  /** @returns undefined for an unknown client or a wrong secret */
  authenticate(clientId: string, secret: string): TokenClient | undefined {
    return this.#clients.find(
      (client) => client.clientId === clientId && sameBytes(client.clientSecret, secret),
    );
  }

  issue(client: TokenClient, issuer: string): { token: string; expiresInSeconds: number } {
    const now = Date.now() / 1000;
    const claims = {
      iss: issuer,
      azp: client.clientId,
      jti: randomUUID(),
      iat: Math.floor(now),
      exp: now + this.#lifetimeSeconds,
    };
    const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    return { token: `${body}.${this.#sign(body)}`, expiresInSeconds: Math.floor(this.#lifetimeSeconds) };
  }

  /** @returns undefined when the token is not ours, was changed, or has expired */
  check(token: string): TokenClient | undefined {
    const [head, payload, signature] = token.split('.');
    if (!head || !payload || !signature) return undefined;
    if (!sameBytes(this.#sign(`${head}.${payload}`), signature)) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
    if (claims.exp <= Date.now() / 1000) return undefined;
    return this.#clients.find((client) => client.clientId === claims.azp);
  }

  /** Makes every token issued so far invalid, as a change of the server's keys does. */
  revokeAll(): void {
    this.#key = randomBytes(32);
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sameBytes(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
