import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a link may lie about before it is followed. Milliseconds. */
const LINK_LASTS = 10 * 60_000;

/**
 * Who may come in: whoever follows a link that was printed, once, and has the cookie from then on. Another program of this
 * computer knows neither; another site in the browser has the cookie sent, and is told by its Origin.
 */
export class Entrance {
  readonly #sessions = new Set<string>();
  readonly #now: () => number;
  #link: { readonly hash: Buffer; readonly until: number } | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A new link's token; an earlier one that nobody followed is worth nothing any more. */
  newToken(): string {
    const token = randomBytes(32).toString('base64url');
    this.#link = { hash: hashed(token), until: this.#now() + LINK_LASTS };
    return token;
  }

  /** The session that a token buys, once; undefined where it is not the latest one, was used, or is too old. */
  redeem(token: string): string | undefined {
    const link = this.#link;
    if (!link || this.#now() > link.until || !timingSafeEqual(hashed(token), link.hash)) return undefined;
    this.#link = undefined;
    const session = randomBytes(32).toString('base64url');
    this.#sessions.add(hashed(session).toString('hex'));
    return session;
  }

  /** Whether this is a session that was bought. */
  knows(session: string | undefined): boolean {
    return session !== undefined && this.#sessions.has(hashed(session).toString('hex'));
  }
}

/** Compared as hashes: how long that takes tells nothing of the token. */
function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
