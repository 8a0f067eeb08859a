import { isAppError, throwIfAborted } from '../../../contract/errors.ts';
import type { SectionBatch } from '../../model/record.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Capture, CaptureOptions } from '../connector.ts';
import { orAborted } from '../or-aborted.ts';
import type { Dialect } from './dialect.ts';
import { statusOf } from './retry.ts';
import type { BaseUrls } from './settings.ts';
import { isTokenTrouble } from './token-search.ts';

/** What was found out; `certain`: it need not be asked again. */
export interface Chosen extends Placed {
  readonly certain: boolean;
}

export interface Placed {
  readonly dialect: Dialect;
  /** The addresses at which it is spoken. */
  readonly bases: BaseUrls;
}

/** What a capture may try without a look. */
export interface Guess extends Placed {
  /** Asked first whether it still holds. Undefined: the capture's own calls tell, and prove it where they succeed. */
  readonly holds?: (realm: string, signal: AbortSignal) => Promise<boolean>;
  /** What was found by an earlier connection. */
  readonly remembered: boolean;
  /** Told when a capture got something by it. */
  onRead(): void;
}

/**
 * The dialect of one server: looked for when first needed, by one look for all who wait, and then kept. It is looked for
 * anew only when an endpoint that was there is gone.
 */
export class DialectChoice {
  readonly #find: (signal: AbortSignal) => Promise<Chosen>;
  readonly #usual: Placed;
  #guess: Guess | undefined;
  readonly #closing = new AbortController();
  #kept: Placed | undefined;
  #pending: Promise<Placed> | undefined;

  constructor(find: (signal: AbortSignal) => Promise<Chosen>, guess: Guess) {
    this.#find = find;
    this.#usual = guess;
    this.#guess = guess;
  }

  /** @throws AppError when the server cannot be asked, or speaks in no known way */
  async get(signal: AbortSignal): Promise<Dialect> {
    return (await this.#get(signal)).dialect;
  }

  async #get(signal: AbortSignal): Promise<Placed> {
    if (this.#kept !== undefined) return this.#kept;
    throwIfAborted(signal);
    // Not bound to the first caller's signal: others may wait for the same.
    this.#pending ??= this.#look().finally(() => {
      this.#pending = undefined;
    });
    return await orAborted(this.#pending, signal);
  }

  close(): void {
    this.#closing.abort();
  }

  async #look(): Promise<Placed> {
    const found = await this.#find(this.#closing.signal);
    if (found.certain) this.#kept = found;
    return found;
  }

  capture(realm: string, options: CaptureOptions, signal: AbortSignal): Capture {
    let last: Capture | undefined;
    const begin = ({ dialect }: Placed): Capture => (last = dialect.capture(realm, options, signal));
    const batches = this.#batches(begin, { realm, options }, signal);
    return {
      batches,
      expected: () => last?.expected?.(),
      retries: () => last?.retries?.() ?? 0,
      facts: () => (last ?? begin(this.#usual)).facts(),
    };
  }

  async *applySteps(
    target: ApplyTarget,
    items: AsyncIterable<readonly ApplyItem[]>,
    signal: AbortSignal,
  ): AsyncGenerator<ApplyStep> {
    yield* (await this.get(signal)).applySteps(target, items);
  }

  async *#batches(
    begin: (placed: Placed) => Capture,
    { realm, options }: { readonly realm: string; readonly options: CaptureOptions },
    signal: AbortSignal,
  ): AsyncGenerator<SectionBatch> {
    const guess = this.#kept ? undefined : await this.#guessFor(realm, options, signal);
    const first = this.#kept ?? guess ?? (await this.#get(signal));
    let arrived = false;
    try {
      for await (const batch of begin(first).batches) {
        if (!arrived && guess) this.#arrived(guess);
        arrived = true;
        yield batch;
      }
    } catch (error) {
      if (arrived || !(isGone(error) || (guess?.remembered && isStrange(error)))) throw error;
      const other = await this.#otherThan(first, error, signal);
      yield* begin(other).batches;
    }
  }

  async #guessFor(realm: string, options: CaptureOptions, signal: AbortSignal): Promise<Guess | undefined> {
    const guess = guessable(options) ? this.#guess : undefined;
    if (!guess?.holds || (await guess.holds(realm, signal))) return guess;
    this.#guess = undefined;
    return undefined;
  }

  #arrived(guess: Guess): void {
    guess.onRead();
    if (!guess.holds) this.#kept ??= guess;
  }

  async #otherThan(one: Placed, error: unknown, signal: AbortSignal): Promise<Placed> {
    this.#kept = undefined;
    this.#guess = undefined;
    const other = await this.#get(signal);
    if (other.dialect.name === one.dialect.name && other.bases.api === one.bases.api) throw error;
    return other;
  }
}

/** The export of a whole realm is there or is not; narrower ones may be taken for something else by another server. */
function guessable({ sections, leftovers }: CaptureOptions): boolean {
  return leftovers !== true && (sections?.includes('realm') ?? true);
}

/** What was remembered may be another server's: then nothing that it says is understood. */
function isStrange(error: unknown): boolean {
  return (
    (isAppError(error, 'UNSUPPORTED_BY_ROUTE') || isAppError(error, 'UNEXPECTED_ANSWER')) &&
    !isTokenTrouble(error)
  );
}

/** An endpoint that this dialect must have is not there. */
function isGone(error: unknown): boolean {
  return isStrange(error) && [404, 405].includes(statusOf(error) ?? 0);
}
