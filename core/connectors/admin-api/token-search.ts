import { AppError, isAppError } from '../../../contract/errors.ts';
import { answerError, unexpectedAnswer, type ReadAnswer } from './answer-errors.ts';
import { parseProblem, shorten, webPageTitle } from './problem.ts';
import type { Scrubber } from './scrubber.ts';
import { methodsFor, type TokenMethod, type TokenPlaces } from './token-places.ts';

const PURPOSE = { to: 'get a token', notChanged: 'Nothing was read or changed.' };

/** RFC 6749 makes `expires_in` optional; what is assumed then. */
const ASSUMED_LIFE_S = 60;

/** What a call for a token ended in says nothing about the call that needed it. */
const TOKEN_TROUBLE = { concerns: 'token' };

export function isTokenTrouble(error: AppError): boolean {
  return error.details['concerns'] === TOKEN_TROUBLE.concerns;
}

/** A way that worked: it is remembered. */
export interface TokenWay {
  readonly endpoint: string;
  readonly method: TokenMethod;
}

export interface IssuedToken {
  readonly text: string;
  readonly expiresInSeconds: number;
}

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes?: readonly string[] | undefined;
}

/** One request, sent by the caller, which retries what is safe: this file decides and does not speak HTTP. */
export interface TokenCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
export type SendTokenCall = (call: TokenCall, signal: AbortSignal) => Promise<ReadAnswer>;

export interface SearchTools {
  readonly credentials: ClientCredentials;
  readonly send: SendTokenCall;
  readonly scrubber: Scrubber;
}

/** What one place said. */
export interface Tried {
  readonly what: string;
  readonly said: string;
  /** It is a token endpoint, and will not have this client. */
  readonly refused?: true;
}

type Attempt =
  | { readonly kind: 'issued'; readonly token: IssuedToken }
  /** A token endpoint that will not have this client. `final`: it speaks OAuth, so no other place will do better. */
  | { readonly kind: 'refused'; readonly final: boolean; readonly error: AppError }
  /** No token endpoint. */
  | { readonly kind: 'unserved'; readonly error: AppError };

interface Place {
  readonly endpoint: string;
  readonly methods: readonly TokenMethod[];
}

/**
 * Finds where and how this server issues tokens: the configured endpoint, what discovery documents name, then
 * `/oauth2/token`; each with the secret in the form and as HTTP Basic. The secret goes to configured origins only: a
 * discovery document that names another is not followed, and `tried` says so.
 */
export class TokenSearch {
  readonly tried: Tried[] = [];
  readonly #places: TokenPlaces;
  readonly #tools: SearchTools;
  readonly #asked = new Set<string>();
  #refused: AppError | undefined;
  #failed: AppError | undefined;
  #unserved: AppError | undefined;

  constructor(places: TokenPlaces, tools: SearchTools) {
    this.#places = places;
    this.#tools = tools;
  }

  /** Whether nothing that was asked is a token endpoint, or may be one that is not well. */
  get nothingServed(): boolean {
    return this.#refused === undefined && this.#failed === undefined;
  }

  /** @returns undefined when no place issues a token: `error` says why. @throws AppError of the network; RATE_LIMITED; AUTH_FAILED */
  async find(signal: AbortSignal): Promise<{ way: TokenWay; token: IssuedToken } | undefined> {
    for await (const place of this.#candidates(signal)) {
      if (this.#asked.has(place.endpoint)) continue;
      this.#asked.add(place.endpoint);
      const found = await this.#ask(place, signal);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  error(): AppError {
    const lead = this.#refused ?? this.#failed ?? this.#unserved!;
    // Where the client is refused, the places that do not issue tokens are beside the point.
    const told = this.#refused === undefined ? this.tried : this.tried.filter(({ refused }) => refused);
    const all = told.map(({ what, said }) => `${what}: ${said}`);
    const plain = all.length === 1 && this.#refused === undefined;
    return new AppError(lead.code, plain ? lead.message : `Could not get a token. ${all.join('; ')}.`, {
      remedy: lead.remedy,
      notChanged: PURPOSE.notChanged,
      details: { ...lead.details, ...TOKEN_TROUBLE },
      cause: lead.cause,
    });
  }

  async *#candidates(signal: AbortSignal): AsyncGenerator<Place> {
    const { configured, discoveries, lastly } = this.#places;
    yield { endpoint: configured, methods: methodsFor(configured) };
    for (const url of discoveries) {
      const place = await this.#discovered(url, signal);
      if (place !== undefined) yield place;
    }
    for (const endpoint of lastly) yield { endpoint, methods: methodsFor(endpoint) };
  }

  async #discovered(url: string, signal: AbortSignal): Promise<Place | undefined> {
    const said = (text: string): undefined => void this.tried.push({ what: `GET ${url}`, said: text });
    let answer: ReadAnswer;
    try {
      answer = await this.#tools.send(
        { method: 'GET', url, headers: { accept: 'application/json' } },
        signal,
      );
    } catch (error) {
      // What the document would have named may be found without it.
      if (!isAppError(error, 'SERVER_ERROR')) throw error;
      return said(outcomeText(error));
    }
    if (answer.status !== 200) return said(`answered ${answer.status}`);
    const document = parseObject(answer.text);
    const named = document?.['token_endpoint'];
    const endpoint = typeof named === 'string' ? URL.parse(named) : null;
    if (endpoint === null) return said('names no token endpoint');
    const shown = shorten(this.#tools.scrubber.clean(endpoint.origin + endpoint.pathname), 200);
    if (!this.#places.origins.has(endpoint.origin))
      return said(`names ${shown}, which is not an address of this environment: nothing was sent there`);
    said(`names ${shown}`);
    const supported = document?.['token_endpoint_auth_methods_supported'];
    return {
      endpoint: endpoint.href,
      methods: methodsFor(
        endpoint.pathname,
        Array.isArray(supported) ? supported.filter((each) => typeof each === 'string') : undefined,
      ),
    };
  }

  async #ask(place: Place, signal: AbortSignal): Promise<{ way: TokenWay; token: IssuedToken } | undefined> {
    for (const method of place.methods) {
      const way = { endpoint: place.endpoint, method };
      const attempt = await this.#attempt(way, signal);
      if (attempt === undefined) return undefined;
      if (attempt.kind === 'issued') return { way, token: attempt.token };
      this.#note(way, attempt);
      if (attempt.kind === 'unserved') {
        this.#unserved ??= attempt.error;
        return undefined;
      }
      this.#refused ??= attempt.error;
      if (attempt.final && method === place.methods.at(-1)) throw this.error();
    }
    return undefined;
  }

  /** What both ways come to alike is said once. */
  #note({ endpoint, method }: TokenWay, { kind, error }: Exclude<Attempt, { kind: 'issued' }>): void {
    const what = `POST ${endpoint}`;
    const said = outcomeText(error);
    const last = this.tried.at(-1);
    if (kind === 'refused' && last?.said === said && last.what.startsWith(`${what} (`))
      this.tried.splice(-1, 1, { what: `${what} (${EITHER_WAY})`, said, refused: true });
    else if (kind === 'refused')
      this.tried.push({ what: `${what} (${METHOD_WORDS[method]})`, said, refused: true });
    else this.tried.push({ what, said });
  }

  /** Undefined: it is not well. */
  async #attempt(way: TokenWay, signal: AbortSignal): Promise<Attempt | undefined> {
    try {
      return await askForToken(way, this.#tools, signal);
    } catch (error) {
      if (!isAppError(error, 'SERVER_ERROR')) throw error;
      this.#failed ??= error;
      this.tried.push({ what: `POST ${way.endpoint}`, said: outcomeText(error) });
      return undefined;
    }
  }
}

export const METHOD_WORDS: Readonly<Record<TokenMethod, string>> = {
  client_secret_post: 'secret in the form',
  client_secret_basic: 'secret as HTTP Basic',
};

const EITHER_WAY = 'secret in the form or as HTTP Basic';

/** Asks one endpoint in one way. @throws AppError SERVER_ERROR, RATE_LIMITED, CANCELED and what the network does */
export async function askForToken(
  { endpoint, method }: TokenWay,
  { credentials, send, scrubber }: SearchTools,
  signal: AbortSignal,
): Promise<Attempt> {
  const { clientId, clientSecret, scopes = [] } = credentials;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (method === 'client_secret_post') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  const call: TokenCall = {
    method: 'POST',
    url: endpoint,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(method === 'client_secret_basic'
        ? { authorization: `Basic ${basicCredentials(clientId, clientSecret)}` }
        : {}),
    },
    body: form.toString(),
  };
  return judged(await send(call, signal), scrubber);
}

/** RFC 6749, 2.3.1: both are form-encoded before they are joined. */
export function basicCredentials(clientId: string, clientSecret: string): string {
  const encoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64');
}

function judged(answer: ReadAnswer, scrubber: Scrubber): Attempt {
  if (answer.status === 200) {
    const token = parseToken(answer.text);
    if (token !== undefined) return { kind: 'issued', token };
    return { kind: 'unserved', error: noToken(answer, scrubber) };
  }
  const error = answerError(answer, PURPOSE, scrubber);
  if (answer.status === 429 || answer.status >= 500) throw error;
  // The codes of RFC 6749, 5.2; Spring's default body has the status' name there ("Not Found").
  const code = parseProblem(answer.text, (text) => text)?.code;
  const oauth = code !== undefined && /^[a-z]+(?:_[a-z]+)+$/.test(code);
  if (oauth || answer.status === 400 || answer.status === 401)
    return { kind: 'refused', final: oauth, error: refusal(error, code) };
  return { kind: 'unserved', error: answer.status === 404 ? noEndpoint(answer, error) : error };
}

function refusal(error: AppError, code: string | undefined): AppError {
  // RFC 6749 answers 400 or 401 to a wrong secret; both mean one thing here.
  return new AppError('AUTH_FAILED', error.message, {
    remedy:
      code === 'invalid_scope'
        ? 'Name the scopes that this client may have: drawbridge env update <name> --api-scope …'
        : 'Check the client id and the client secret, and that the client may use client credentials.',
    notChanged: error.notChanged,
    details: { ...error.details, ...TOKEN_TROUBLE },
  });
}

function noEndpoint(answer: ReadAnswer, error: AppError): AppError {
  return new AppError('UNEXPECTED_ANSWER', `There is no token endpoint at ${answer.address} (404).`, {
    remedy:
      'Set the environment’s auth address (--auth-url): in the documentation the gateway (port 8080) issues tokens, not the Admin API (port 8089); in release v1.1.0 the auth service (port 9081).',
    notChanged: PURPOSE.notChanged,
    details: error.details,
  });
}

/** The body may hold a token in a shape that we do not know, or cut off: unless it is a web page it is not quoted. */
function noToken(answer: ReadAnswer, scrubber: Scrubber): AppError {
  if (webPageTitle(answer.text) !== undefined) return unexpectedAnswer(answer, PURPOSE.to, scrubber);
  return new AppError(
    'UNEXPECTED_ANSWER',
    `Could not get a token: ${answer.address} answered 200 without a usable “access_token” (content type “${answer.contentType}”).`,
    {
      remedy: 'Check the environment’s auth address: something else than a token endpoint answers there.',
      notChanged: PURPOSE.notChanged,
      details: { status: answer.status, address: answer.address, contentType: answer.contentType },
    },
  );
}

/** An error's message without what all of them begin with, and without advice. */
function outcomeText({ message }: AppError): string {
  return message
    .replace(/^There is no token endpoint at \S+ \((\d+)\)/, 'answered $1')
    .replace(/^Could not get a token: \S+ (.*?)(?=answered )/, '$1')
    .replace(/\. Redirects are not followed.*$/, '')
    .replace(/\.$/, '');
}

function parseToken(text: string): IssuedToken | undefined {
  const members = parseObject(text);
  const token = members?.['access_token'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  const life = Number(members?.['expires_in'] ?? ASSUMED_LIFE_S);
  return { text: token, expiresInSeconds: Number.isFinite(life) && life > 0 ? life : ASSUMED_LIFE_S };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The error would quote the body, which may hold a token.
    return undefined;
  }
}
