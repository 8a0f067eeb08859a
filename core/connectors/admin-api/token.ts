import { AppError } from '../../../contract/errors.ts';
import type { ReadAnswer } from './answer-errors.ts';
import { answerError, unexpectedAnswer } from './answer-errors.ts';
import { webPageTitle } from './problem.ts';
import type { Scrubber } from './scrubber.ts';
import type { Time } from './settings.ts';
import { orAborted } from './time.ts';

/** A token is renewed this long before it expires (or after 90 % of a short life): clocks differ, calls take time. */
const SKEW_MS = 30_000;
/** RFC 6749 makes `expires_in` optional; what is assumed then. */
const ASSUMED_LIFE_S = 60;

const PURPOSE = { to: 'get a token', notChanged: 'Nothing was read or changed.' };

export interface TokenRequest {
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Token {
  readonly text: string;
  readonly renewAt: number;
  readonly expiresInSeconds: number;
}

/** Sends the form, retrying what is safe: given by the caller, so that this file decides and does not speak HTTP. */
export type SendForm = (endpoint: string, form: string, signal: AbortSignal) => Promise<ReadAnswer>;

/**
 * Tokens by client credentials (OpenGate documentation, Import/Export page: form fields `client_id` and
 * `client_secret`), kept until shortly before they expire; one request at a time, however many wait for it.
 */
export class TokenSource {
  readonly endpoint: string;
  readonly #request: TokenRequest;
  readonly #send: SendForm;
  readonly #scrubber: Scrubber;
  readonly #time: Time;
  readonly #closing = new AbortController();
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;

  constructor(request: TokenRequest, tools: { send: SendForm; scrubber: Scrubber; time: Time }) {
    this.endpoint = request.endpoint;
    this.#request = request;
    this.#send = tools.send;
    this.#scrubber = tools.scrubber;
    this.#time = tools.time;
  }

  /** @throws AppError AUTH_FAILED, UNEXPECTED_ANSWER, CANCELED and whatever the network does */
  async get(signal: AbortSignal): Promise<string> {
    return (await this.#current(signal)).text;
  }

  /** Seconds the current token lives from its issue. */
  async lifetime(signal: AbortSignal): Promise<number> {
    return (await this.#current(signal)).expiresInSeconds;
  }

  /** Forgets a token that the server refused; a newer one is kept. */
  invalidate(token: string): void {
    if (this.#token?.text === token) this.#token = undefined;
  }

  close(): void {
    this.#token = undefined;
    this.#closing.abort();
  }

  async #current(signal: AbortSignal): Promise<Token> {
    if (this.#token !== undefined && this.#time.now() < this.#token.renewAt) return this.#token;
    // Not bound to the first caller's signal: others may wait for the same token.
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = undefined;
    });
    return await orAborted(this.#pending, signal);
  }

  async #fetch(): Promise<Token> {
    const { endpoint, clientId, clientSecret } = this.#request;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }).toString();
    const answer = await this.#send(endpoint, form, this.#closing.signal);
    if (answer.status !== 200) throw this.#refusal(answer);
    const token = this.#parse(answer);
    this.#scrubber.addToken(token.text);
    this.#token = token;
    return token;
  }

  #parse(answer: ReadAnswer): Token {
    const members = parseObject(answer.text);
    const text = members?.['access_token'];
    if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw this.#noToken(answer);
    const life = Number(members?.['expires_in'] ?? ASSUMED_LIFE_S);
    const expiresInSeconds = Number.isFinite(life) && life > 0 ? life : ASSUMED_LIFE_S;
    const skew = Math.min(SKEW_MS, expiresInSeconds * 100);
    return { text, expiresInSeconds, renewAt: this.#time.now() + expiresInSeconds * 1000 - skew };
  }

  /** The body may hold a token in a shape that we do not know, or cut off: unless it is a web page it is not quoted. */
  #noToken(answer: ReadAnswer): AppError {
    if (webPageTitle(answer.text) !== undefined)
      return unexpectedAnswer(answer, 'get a token', this.#scrubber);
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

  #refusal(answer: ReadAnswer): AppError {
    const error = answerError(answer, PURPOSE, this.#scrubber);
    // RFC 6749 answers 400 or 401 to a wrong secret; both mean one thing here.
    if (error.code === 'REQUEST_REFUSED' || error.code === 'AUTH_FAILED')
      return new AppError('AUTH_FAILED', error.message, {
        remedy: 'Check the client id and the client secret, and that the client may use client credentials.',
        notChanged: error.notChanged,
        details: error.details,
      });
    if (answer.status !== 404) return error;
    return new AppError('UNEXPECTED_ANSWER', `There is no token endpoint at ${answer.address} (404).`, {
      remedy:
        'Set the environment’s auth address: in the documentation the gateway (port 8080) issues tokens, not the Admin API (port 8089).',
      notChanged: PURPOSE.notChanged,
      details: error.details,
    });
  }
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
