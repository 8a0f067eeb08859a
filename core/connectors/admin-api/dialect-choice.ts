import { isAppError } from '../../../contract/errors.ts';
import type { SectionBatch } from '../../model/record.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Capture, CaptureOptions } from '../connector.ts';
import type { Dialect } from './dialect.ts';
import { statusOf } from './retry.ts';
import { isTokenTrouble } from './token-search.ts';
import { orAborted } from './time.ts';

/** What was found out; `certain`: it need not be asked again. */
export interface Chosen extends Placed {
  readonly certain: boolean;
}

interface Placed {
  readonly dialect: Dialect;
  /** The address at which it is spoken. */
  readonly at: string;
}

/**
 * The dialect of one server: looked for when first needed, by one look for all who wait, and then kept. It is looked for
 * anew only when an endpoint that was there is gone.
 */
export class DialectChoice {
  readonly #find: (signal: AbortSignal) => Promise<Chosen>;
  readonly #likeliest: Placed;
  readonly #closing = new AbortController();
  #kept: Placed | undefined;
  #pending: Promise<Placed> | undefined;

  /** @param likeliest what a capture may try without looking first: its own calls tell whether it is right */
  constructor(find: (signal: AbortSignal) => Promise<Chosen>, likeliest: Placed) {
    this.#find = find;
    this.#likeliest = likeliest;
  }

  /** @throws AppError when the server cannot be asked, or speaks in no known way */
  async get(signal: AbortSignal): Promise<Dialect> {
    return (await this.#get(signal)).dialect;
  }

  async #get(signal: AbortSignal): Promise<Placed> {
    if (this.#kept !== undefined) return this.#kept;
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
    begin: (placed: Placed) => Capture,
    options: CaptureOptions,
    signal: AbortSignal,
  ): AsyncGenerator<SectionBatch> {
    const first = this.#kept ?? (guessable(options) ? this.#likeliest : await this.#get(signal));
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

  async #otherThan(one: Placed, error: unknown, signal: AbortSignal): Promise<Placed> {
    this.#kept = undefined;
    const other = await this.#get(signal);
    if (other.dialect.name === one.dialect.name && other.at === one.at) throw error;
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
    [404, 405].includes(statusOf(error) ?? 0)
  );
}
