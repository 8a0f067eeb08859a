import { isAppError } from '../../../contract/errors.ts';
import type { SectionBatch } from '../../model/record.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Capture, CaptureOptions } from '../connector.ts';
import type { Dialect } from './dialect.ts';
import { isTokenTrouble } from './token-search.ts';
import { orAborted } from './time.ts';

/** What was found out; `certain`: it need not be asked again. */
export interface Chosen {
  readonly dialect: Dialect;
  readonly certain: boolean;
}

/**
 * The dialect of one server: looked for when first needed, by one look for all who wait, and then kept. It is looked for
 * anew only when an endpoint that was there is gone.
 */
export class DialectChoice {
  readonly #find: (signal: AbortSignal) => Promise<Chosen>;
  readonly #likeliest: Dialect;
  readonly #closing = new AbortController();
  #kept: Dialect | undefined;
  #pending: Promise<Dialect> | undefined;

  /** @param likeliest what a capture may try without looking first: its own calls tell whether it is right */
  constructor(find: (signal: AbortSignal) => Promise<Chosen>, likeliest: Dialect) {
    this.#find = find;
    this.#likeliest = likeliest;
  }

  /** @throws AppError when the server cannot be asked, or speaks in no known way */
  async get(signal: AbortSignal): Promise<Dialect> {
    if (this.#kept !== undefined) return this.#kept;
    // Not bound to the first caller's signal: others may wait for the same.
    this.#pending ??= this.#look().finally(() => {
      this.#pending = undefined;
    });
    return await orAborted(this.#pending, signal);
  }

  /** @throws AppError as `get` does */
  async anew(signal: AbortSignal): Promise<Dialect> {
    this.#kept = undefined;
    return await this.get(signal);
  }

  close(): void {
    this.#closing.abort();
  }

  async #look(): Promise<Dialect> {
    const { dialect, certain } = await this.#find(this.#closing.signal);
    if (certain) this.#kept = dialect;
    return dialect;
  }

  capture(realm: string, options: CaptureOptions, signal: AbortSignal): Capture {
    let last: Capture | undefined;
    const begin = (dialect: Dialect): Capture => (last = dialect.capture(realm, options, signal));
    const batches = this.#batches(begin, options, signal);
    return {
      batches,
      expected: () => last?.expected?.(),
      facts: () => (last ?? begin(this.#likeliest)).facts(),
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
    begin: (dialect: Dialect) => Capture,
    options: CaptureOptions,
    signal: AbortSignal,
  ): AsyncGenerator<SectionBatch> {
    const first = this.#kept ?? (guessable(options) ? this.#likeliest : await this.get(signal));
    let arrived = false;
    try {
      for await (const batch of begin(first).batches) {
        if (!arrived) this.#kept ??= first;
        arrived = true;
        yield batch;
      }
    } catch (error) {
      if (arrived || !isGone(error)) throw error;
      const other = await this.#otherThan(first, error, signal);
      yield* begin(other).batches;
    }
  }

  async #otherThan(dialect: Dialect, error: unknown, signal: AbortSignal): Promise<Dialect> {
    const other = await this.anew(signal);
    if (other.name === dialect.name) throw error;
    return other;
  }
}

/** The export of a whole realm is there or is not; narrower ones may be taken for something else by another server. */
function guessable({ sections, leftovers }: CaptureOptions): boolean {
  return leftovers !== true && (sections?.includes('realm') ?? true);
}

/** An endpoint that this dialect must have is not there. */
function isGone(error: unknown): boolean {
  return (
    (isAppError(error, 'UNSUPPORTED_BY_ROUTE') || isAppError(error, 'UNEXPECTED_ANSWER')) &&
    !isTokenTrouble(error) &&
    (error.details['status'] === 404 || error.details['status'] === 405)
  );
}
