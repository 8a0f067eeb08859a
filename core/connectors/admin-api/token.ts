import { isAppError, throwIfAborted, type AppError } from '../../../contract/errors.ts';
import { orAborted } from '../or-aborted.ts';
import type { Time } from './settings.ts';
import type { TokenPlaces } from './token-places.ts';
import {
  askForToken,
  TokenSearch,
  type IssuedToken,
  type SearchTools,
  type TokenWay,
  type Tried,
} from './token-search.ts';

/** A token is renewed this long before it expires (or after 90 % of a short life): clocks differ, calls take time. */
const SKEW_MS = 30_000;

/** No place issues a token, and the server answers without one (release v1.1.0 checks none). */
const NONE = { text: undefined, renewAt: Infinity, expiresInSeconds: 0 };

interface Token {
  readonly text: string | undefined;
  /** Milliseconds since the epoch. */
  readonly renewAt: number;
  readonly expiresInSeconds: number;
}

export interface TokenTools extends SearchTools {
  readonly time: Time;
  /** Whether the server answers calls that carry no token. @throws AppError when it cannot be asked */
  answersWithout(signal: AbortSignal): Promise<boolean>;
}

/**
 * Tokens by client credentials, kept until shortly before they expire; one request at a time, however many wait for it.
 * Which place and which way of showing the secret worked is remembered, and tried first by a later connection.
 */
export class TokenSource {
  readonly #places: TokenPlaces;
  readonly #tools: TokenTools;
  readonly #closing = new AbortController();
  /** What an earlier connection used; tried once. */
  #guess: TokenWay | undefined;
  #way: TokenWay | undefined;
  #tried: readonly Tried[] = [];
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;

  constructor(places: TokenPlaces, tools: TokenTools, earlier?: TokenWay) {
    this.#places = places;
    this.#tools = tools;
    // The secret goes to the environment's own addresses only, whatever is remembered.
    if (earlier && places.origins.has(URL.parse(earlier.endpoint)?.origin ?? '')) this.#guess = earlier;
  }

  /** What worked; undefined before the first token, and where none is needed. */
  get way(): TokenWay | undefined {
    return this.#way;
  }

  /** For a later connection; `null`: there is nothing to remember, since no token is needed. */
  get learned(): TokenWay | null | undefined {
    return this.#way ?? (this.#token === NONE ? null : undefined);
  }

  /** What other places said before one worked, or none did. */
  get tried(): readonly Tried[] {
    return this.#tried;
  }

  /**
   * @returns undefined where no place issues tokens and the server answers without
   * @throws AppError AUTH_FAILED, UNEXPECTED_ANSWER, CANCELED and whatever the network does
   */
  async get(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#current(signal)).text;
  }

  /** Seconds the current token lives from its issue; undefined where there is none. @throws AppError as `get` does */
  async lifetime(signal: AbortSignal): Promise<number | undefined> {
    const { text, expiresInSeconds } = await this.#current(signal);
    return text === undefined ? undefined : expiresInSeconds;
  }

  /** Forgets a token that the server refused; a newer one is kept. */
  invalidate(token: string | undefined): void {
    if (this.#token?.text === token) this.#token = undefined;
  }

  close(): void {
    this.#token = undefined;
    this.#closing.abort();
  }

  async #current(signal: AbortSignal): Promise<Token> {
    if (this.#token !== undefined && this.#tools.time.now() < this.#token.renewAt) return this.#token;
    throwIfAborted(signal);
    // Not bound to the first caller's signal: others may wait for the same token.
    this.#pending ??= this.#fetch(this.#closing.signal).finally(() => {
      this.#pending = undefined;
    });
    return await orAborted(this.#pending, signal);
  }

  async #fetch(signal: AbortSignal): Promise<Token> {
    const token =
      (await this.#asEarlier(signal)) ?? (await this.#again(signal)) ?? (await this.#search(signal));
    if (token.text !== undefined) this.#tools.scrubber.addToken(token.text);
    this.#token = token;
    return token;
  }

  /** The way of an earlier connection; undefined when it does not work, for whatever reason: a search tells more. */
  async #asEarlier(signal: AbortSignal): Promise<Token | undefined> {
    const way = this.#guess;
    if (way === undefined) return undefined;
    this.#guess = undefined;
    try {
      const attempt = await askForToken(way, this.#tools, signal);
      if (attempt.kind !== 'issued') return undefined;
      this.#way = way;
      return this.#kept(attempt.token);
    } catch (error) {
      if (isAppError(error, 'SERVER_ERROR')) return undefined;
      throw error;
    }
  }

  /** The way that worked before; undefined when there is none any more. */
  async #again(signal: AbortSignal): Promise<Token | undefined> {
    if (this.#way === undefined) return undefined;
    const attempt = await askForToken(this.#way, this.#tools, signal);
    if (attempt.kind === 'issued') return this.#kept(attempt.token);
    if (attempt.kind === 'refused') throw attempt.error;
    this.#way = undefined;
    return undefined;
  }

  async #search(signal: AbortSignal): Promise<Token> {
    const search = new TokenSearch(this.#places, this.#tools);
    const found = await search.find(signal);
    this.#tried = search.tried;
    if (found !== undefined) {
      this.#way = found.way;
      return this.#kept(found.token);
    }
    const error: AppError = search.error();
    if (search.nothingServed && (await this.#tools.answersWithout(signal))) return NONE;
    throw error;
  }

  #kept({ text, expiresInSeconds }: IssuedToken): Token {
    const skew = Math.min(SKEW_MS, expiresInSeconds * 100);
    return { text, expiresInSeconds, renewAt: this.#tools.time.now() + expiresInSeconds * 1000 - skew };
  }
}
