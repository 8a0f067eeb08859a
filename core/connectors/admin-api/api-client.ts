import { AppError, isAppError, throwIfAborted } from '../../../contract/errors.ts';
import { parseExact } from '../../model/exact-json.ts';
import type { JsonValue } from '../../model/record.ts';
import { answerError, tooLong, unexpectedAnswer, type Purpose, type ReadAnswer } from './answer-errors.ts';
import { ClientLimiter, endingOf, untilRead } from './client-limiter.ts';
import {
  HttpClient,
  tlsTrust,
  type HttpAnswer,
  type HttpRequest,
  type TlsTrust,
  type WholeAnswer,
} from './http.ts';
import { proxySecrets } from './proxy.ts';
import type { ProxyWay } from './reachability.ts';
import type { Passage } from './rate.ts';
import { outcomeOf, retryAfterMs, withRetries } from './retry.ts';
import { Scrubber } from './scrubber.ts';
import {
  DEFAULT_RETRY,
  DEFAULT_TIMEOUTS,
  type AdminApiSettings,
  type RetryPolicy,
  type Time,
  type Timeouts,
} from './settings.ts';
import { REAL_TIME } from './time.ts';
import type { TokenPlaces } from './token-places.ts';
import { basicCredentials, isTokenTrouble, type TokenCall } from './token-search.ts';
import { TokenSource, type TokenTools } from './token.ts';

/** Answers that are read whole: lists of realms, outcomes of imports. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
/** A server that has answered so many calls works: what fails then is likely to pass. */
const PROVEN_AFTER = 16;

export interface ApiCall {
  readonly method: HttpRequest['method'];
  readonly url: string;
  /** JSON text. */
  readonly body?: Buffer;
  readonly purpose: Purpose;
  /** Whether it may be sent again although it may have been done. */
  readonly repeatable: boolean;
  /**
   * What a bare 500 is: a failure that may pass (`retry`, the default), or this server's way to refuse (`throw`: SERVER_ERROR
   * at once, its outcome unknown). 502, 503, 504 and lost connections are retried either way.
   */
  readonly serverErrors?: 'retry' | 'throw';
  readonly signal: AbortSignal;
  readonly onRetry?: () => void;
}

/** Calls the Admin API with a token, time limits and retries; every failure leaves as an AppError without a secret. */
export class ApiClient {
  readonly tokens: TokenSource;
  readonly timeouts: Timeouts;
  readonly time: Time;
  readonly environment: string;
  readonly #trust: TlsTrust;
  readonly #http: HttpClient;
  readonly #scrubber: Scrubber;
  readonly #policy: RetryPolicy;
  readonly #limiter: ClientLimiter;
  #answered = 0;
  /** How often calls were repeated that count nothing themselves: for a token, or to learn what the server speaks. */
  #uncounted = 0;

  constructor(settings: AdminApiSettings, places: TokenPlaces) {
    const { clientId, clientSecret, scopes } = settings;
    this.environment = settings.name;
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...settings.timeouts };
    this.time = settings.time ?? REAL_TIME;
    this.#policy = { ...DEFAULT_RETRY, ...settings.retry };
    const variables = settings.variables ?? process.env;
    this.#scrubber = new Scrubber([
      clientSecret,
      basicCredentials(clientId, clientSecret),
      ...proxySecrets(variables),
    ]);
    this.#limiter = new ClientLimiter(settings, this.time);
    this.#trust = tlsTrust(settings);
    this.#http = new HttpClient({
      trust: this.#trust,
      timeouts: this.timeouts,
      variables,
    });
    const tools = {
      credentials: { clientId, clientSecret, scopes },
      send: async (call, signal) => await this.#sendTokenCall(call, signal),
      answersWithout: async (signal) => await this.answersWithoutToken(places.guarded, signal),
      scrubber: this.#scrubber,
      time: this.time,
    } satisfies TokenTools;
    this.tokens = new TokenSource(places, tools, settings.seen?.token);
  }

  /**
   * A call whose answer is small JSON; undefined when the body is empty (204).
   * @throws AppError
   */
  async json(call: ApiCall): Promise<JsonValue | undefined> {
    let timedOut = false;
    return await this.#retried(call, async () => {
      try {
        return await this.#passing(call, async (passage) => {
          const value = await this.#json(call, passage);
          passage.leave('fine');
          return value;
        });
      } catch (error) {
        if (!timedOut && isAppError(error) && error.code === 'TIMEOUT' && this.#mayHangOnce(call)) {
          timedOut = true;
          error.details['transient'] = true;
        }
        throw error;
      }
    });
  }

  async #json(call: ApiCall, passage: Passage): Promise<JsonValue | undefined> {
    const answer = await this.#authorized(
      call,
      async (request) => await this.#http.whole(request, answerLimit),
    );
    passage.answered(likeness(call));
    if (!isSuccess(answer.status)) throw this.#refusal(answer, call);
    if (answer.cut) throw tooLong(answer.address, MAX_ANSWER_BYTES);
    return this.#parse(answer, call.purpose);
  }

  /** One look-up of many that hangs is no reason to give all of them up; of a server that never answered it is. */
  #mayHangOnce(call: ApiCall): boolean {
    return call.method === 'GET' && call.repeatable && this.#proven();
  }

  #proven(): boolean {
    return this.#answered >= PROVEN_AFTER;
  }

  #parse(answer: WholeAnswer, purpose: Purpose): JsonValue | undefined {
    if (answer.text.trim() === '') return undefined;
    try {
      return parseExact(answer.text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // Its message quotes the body: the excerpt of unexpectedAnswer is bounded and without secrets.
      throw unexpectedAnswer(this.#read(answer), purpose.to, this.#scrubber);
    }
  }

  #read(answer: WholeAnswer): ReadAnswer {
    return readAnswer(answer, this.time.now());
  }

  /**
   * Opens an answer of any size and begins to read it; both are retried as one, until `begin` is done.
   * @param begin must not hand on anything read before it returns
   * @throws AppError; what it handed out throws AppErrors too, while it is read
   */
  async stream<T>(call: ApiCall, begin: (bytes: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    return await this.#retried(
      call,
      async () =>
        await this.#passing(call, async (passage) => {
          const answer = await this.#authorized(call, async (request) => await this.#http.send(request));
          passage.answered(likeness(call));
          if (answer.status !== 200) throw this.#refusal(await answer.whole(MAX_ERROR_BYTES), call);
          if (/html/i.test(answer.header('content-type') ?? ''))
            throw await this.#webPage(answer, call.purpose);
          return await begin(untilRead(answer.bytes(), passage));
        }),
    );
  }

  async #webPage(answer: HttpAnswer, purpose: Purpose): Promise<AppError> {
    const read = this.#read(await answer.whole(MAX_ERROR_BYTES));
    return unexpectedAnswer(read, purpose.to, this.#scrubber);
  }

  /** The status of a call without a token: a server that checks tokens says 401 or 403. */
  async statusWithoutToken(url: string, signal: AbortSignal): Promise<number> {
    const answer = await this.#withoutToken(url, signal);
    answer.discard();
    return answer.status;
  }

  /** Whether one of these answers with JSON, without a token. */
  async answersWithoutToken(urls: readonly string[], signal: AbortSignal): Promise<boolean> {
    for (const url of urls) {
      const answer = await this.#withoutToken(url, signal);
      answer.discard();
      if (answer.status === 200 && /json/i.test(answer.header('content-type') ?? '')) return true;
    }
    return false;
  }

  async #withoutToken(url: string, signal: AbortSignal): Promise<HttpAnswer> {
    await this.#limiter.turn(signal);
    return await this.#http.send({
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      answerMs: this.timeouts.idleMs,
      signal,
    });
  }

  /** The proxy on the way to a server, if there is one. @throws AppError USAGE */
  wayTo(origin: string): ProxyWay | undefined {
    const proxy = this.#http.proxyOf(origin);
    return proxy && { proxy, trust: this.#trust };
  }

  async close(): Promise<void> {
    this.tokens.close();
    this.#limiter.close();
    await this.#http.close();
  }

  async #retried<T>(call: ApiCall, attempt: () => Promise<T>): Promise<T> {
    try {
      return await withRetries(attempt, {
        ...this.#patience(call.signal),
        repeatable: call.repeatable,
        onRetry: call.onRetry ?? (() => this.#uncounted++),
      });
    } catch (error) {
      throw isAppError(error) ? inContext(error, call, this.environment) : error;
    }
  }

  /**
   * One attempt, counted as under way until its passage is left: here when it fails, by `work` or what it handed out when
   * it ends well.
   */
  async #passing<T>(call: ApiCall, work: (passage: Passage) => Promise<T>): Promise<T> {
    // Not while a call is under way: what waits for a token must not keep others from being let through.
    await this.#token(call);
    const passage = await this.#limiter.enter(call.signal);
    try {
      const done = await work(passage);
      this.#answered++;
      return done;
    } catch (error) {
      passage.leave(endingOf(error));
      throw error;
    }
  }

  /** One token too old is no failure: the call is made once more with a new one. */
  async #authorized<T extends { readonly status: number; discard?(): void }>(
    call: ApiCall,
    send: (request: HttpRequest) => Promise<T>,
  ): Promise<T> {
    const { signal } = call;
    const token = await this.#token(call);
    const answer = await send(this.#request(call, token));
    if (answer.status !== 401) return answer;
    answer.discard?.();
    this.tokens.invalidate(token);
    const newer = await this.#token(call);
    if (call.onRetry) call.onRetry();
    else this.#uncounted++;
    await this.#limiter.turn(signal);
    return await send(this.#request(call, newer));
  }

  #request(call: ApiCall, token: string | undefined): HttpRequest {
    throwIfAborted(call.signal);
    return {
      method: call.method,
      url: call.url,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      // A write may take as long as the whole call; a look-up that says nothing for long is stuck.
      answerMs: call.method === 'GET' ? this.timeouts.idleMs : this.timeouts.requestMs,
      signal: call.signal,
    };
  }

  #refusal(answer: WholeAnswer, call: ApiCall): AppError {
    const error = answerError(this.#read(answer), call.purpose, this.#scrubber, this.environment);
    if (answer.status === 500 && call.serverErrors === 'throw') error.details['transient'] = false;
    return error;
  }

  async #sendTokenCall(call: TokenCall, signal: AbortSignal): Promise<ReadAnswer> {
    const attempt = async (): Promise<ReadAnswer> => {
      const request = { ...call, answerMs: this.timeouts.idleMs, signal };
      const read = this.#read(await this.#http.whole(request, () => MAX_ERROR_BYTES));
      if (read.status === 429 || read.status >= 500)
        throw answerError(
          read,
          { to: 'get a token', notChanged: 'Nothing was read or changed.' },
          this.#scrubber,
        );
      return read;
    };
    return await withRetries(attempt, {
      ...this.#patience(signal),
      repeatable: true,
      onRetry: () => this.#uncounted++,
    });
  }

  /** How long it is gone on with: a server that has proven that it works is given more time, for a token as for any call. */
  #patience(signal: AbortSignal) {
    return {
      policy: this.#policy,
      time: this.time,
      signal,
      proven: () => this.#proven(),
      pause: async (ms: number, until: AbortSignal) => await this.#limiter.pause(ms, until),
    };
  }

  /**
   * A token for this call, which is not sent without one. One token is fetched for many calls: how often that was tried again,
   * and whatever else nobody counted, is counted by the first of them that counts.
   *
   * @throws AppError as `TokenSource.get`; its outcome is that of this call: `not-sent`
   */
  async #token(call: ApiCall): Promise<string | undefined> {
    try {
      return await this.tokens.get(call.signal);
    } catch (error) {
      if (isAppError(error) && error.code !== 'CANCELED') error.details['outcome'] = 'not-sent';
      throw error;
    } finally {
      const { onRetry } = call;
      if (onRetry) for (; this.#uncounted > 0; this.#uncounted--) onRetry();
    }
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function answerLimit(status: number): number {
  return isSuccess(status) ? MAX_ANSWER_BYTES : MAX_ERROR_BYTES;
}

/** What calls are alike in, so that their latency can be compared: the same thing asked of another user, or for another page. */
function likeness(call: ApiCall): string {
  const path = call.url.split('?', 1)[0] ?? '';
  return `${call.method} ${path.replace(IDS, '*')}`;
}

const IDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Says what the call was for where the network did not know, and whether something may have been changed. */
function inContext(error: AppError, call: ApiCall, environment: string): AppError {
  const harmless = call.method === 'GET' || (error.code !== 'CANCELED' && outcomeOf(error) !== 'unknown');
  const fromNetwork = error.details['networkCode'] !== undefined || error.code === 'TIMEOUT';
  const what = fromNetwork ? `Could not ${call.purpose.to}: ${error.message}` : error.message;
  return new AppError(error.code, harmless ? what : `${what} Whether the server has done it is not known.`, {
    notChanged: error.notChanged === '' && harmless ? call.purpose.notChanged : error.notChanged,
    remedy: error.remedy,
    details: { ...error.details, environment },
    cause: error.cause,
  });
}

function readAnswer(answer: WholeAnswer, now: number): ReadAnswer {
  const location = answer.header('location');
  const wait = retryAfterMs(answer.header('retry-after'), now);
  return {
    status: answer.status,
    address: answer.address,
    contentType: answer.header('content-type') ?? '',
    text: answer.text,
    ...(location === undefined ? {} : { location }),
    ...(answer.proxy === undefined ? {} : { proxy: answer.proxy }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

/** Whether a failure says that an endpoint is not there: another place for it may be tried. */
export function isNotServed(error: unknown): boolean {
  return (
    isAppError(error) &&
    !isTokenTrouble(error) &&
    (error.code === 'REALM_NOT_FOUND' ||
      (error.code === 'UNEXPECTED_ANSWER' && error.details['outcome'] !== 'unknown') ||
      error.details['status'] === 405)
  );
}
