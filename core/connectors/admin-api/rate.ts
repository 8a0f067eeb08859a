import { throwIfAborted } from '../../../contract/errors.ts';
import { orAborted } from '../or-aborted.ts';
import { watchAbort } from './abort-watch.ts';
import { LatencyWatch } from './latency.ts';
import { concurrencyOf, type Limits, type Time } from './settings.ts';

/** How a call that was let through ended, as far as it tells how the server is. */
export type Ending = 'fine' | 'overloaded' | 'other';

/** One call that was let through. */
export interface Passage {
  /** When the answer's first byte was there: `kind` is what calls are alike in, so that their latency can be compared. */
  answered(kind: string): void;
  /** Must be called once the answer is read or given up; again is harmless. */
  leave(ending: Ending): void;
}

/**
 * Lets calls to one server through: so many at a time, so many in a second. The number at a time is halved when the
 * server says that it is overloaded or its latency rises clearly above what it was lately, and grows again by one for
 * every round of calls that end well (additive increase, multiplicative decrease, as TCP does it).
 */
export class RateLimiter {
  readonly #most: number;
  readonly #betweenMs: number;
  readonly #time: Time;
  readonly #latency: LatencyWatch;
  /** In the order of their arrival. */
  readonly #waiting = new Set<() => void>();
  #allowed: number;
  #active = 0;
  #begun = 0;
  /** Calls begun before it say how it was before the last decrease. */
  #sinceDecrease = 0;
  #finished = 0;
  #nextTurnAt = 0;
  #pause: { readonly until: number; readonly over: Promise<void> } | undefined;
  readonly #closing = new AbortController();

  constructor(limits: Limits, time: Time) {
    this.#most = concurrencyOf(limits);
    this.#betweenMs = limits.requestsPerSecond === undefined ? 0 : 1000 / limits.requestsPerSecond;
    this.#allowed = this.#most;
    this.#time = time;
    this.#latency = new LatencyWatch();
  }

  /** Calls that may be under way now. */
  get allowed(): number {
    return this.#allowed;
  }

  /** Waits until one more call may be made. @throws AppError CANCELED */
  async enter(signal: AbortSignal): Promise<Passage> {
    throwIfAborted(signal);
    if (this.#active < this.#allowed && this.#waiting.size === 0) this.#active++;
    else await this.#place(signal);
    try {
      await this.turn(signal);
    } catch (error) {
      this.#free();
      throw error;
    }
    return this.#passage();
  }

  /** Waits until one more request may be sent by a call that is let through already. @throws AppError CANCELED */
  async turn(signal: AbortSignal): Promise<void> {
    for (let pause = this.#pause; pause !== undefined; pause = this.#pause)
      await orAborted(pause.over, signal);
    if (this.#betweenMs === 0) return;
    const now = this.#time.now();
    // A second's worth of turns that nobody took is not saved up: half of one is, so that a late timer costs nothing.
    const at = Math.max(this.#nextTurnAt, now - this.#betweenMs / 2);
    this.#nextTurnAt = at + this.#betweenMs;
    if (at - now >= 1) await this.#time.sleep(at - now, signal);
  }

  /**
   * Lets no call through for so long, whoever makes it: what one call is told by `Retry-After` is meant for all.
   * Returns when the time is over. @throws AppError CANCELED
   */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    const until = this.#time.now() + ms;
    if (this.#pause === undefined || until > this.#pause.until) {
      const over = this.#time.sleep(ms, this.#closing.signal);
      const pause = { until, over };
      this.#pause = pause;
      const end = () => {
        if (this.#pause === pause) this.#pause = undefined;
      };
      over.then(end, end);
    }
    await orAborted(this.#pause.over, signal);
  }

  /** Ends every pause; whoever waits for it is canceled. */
  close(): void {
    this.#closing.abort();
  }

  #place(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const enter = () => {
      unwatch();
      resolve();
    };
    const unwatch = watchAbort(signal, () => {
      this.#waiting.delete(enter);
      try {
        throwIfAborted(signal);
      } catch (canceled) {
        reject(canceled);
      }
    });
    this.#waiting.add(enter);
    return promise;
  }

  #passage(): Passage {
    const number = this.#begun++;
    const startedAt = this.#time.now();
    let left = false;
    return {
      answered: (kind) => {
        if (number < this.#sinceDecrease) return;
        if (this.#latency.note(kind, this.#time.now() - startedAt, startedAt)) this.#decrease(number);
      },
      leave: (ending) => {
        if (left) return;
        left = true;
        if (ending === 'overloaded') this.#decrease(number);
        else if (ending === 'fine' && number >= this.#sinceDecrease) this.#wellDone();
        this.#free();
      },
    };
  }

  #decrease(number: number): void {
    // One overload fails many calls at once, and is one reason to ask for less, not many.
    if (number < this.#sinceDecrease) return;
    this.#sinceDecrease = this.#begun;
    this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));
    this.#finished = 0;
    this.#latency.forgetRecent();
  }

  #wellDone(): void {
    if (this.#allowed >= this.#most || ++this.#finished < this.#allowed) return;
    this.#finished = 0;
    this.#allowed++;
  }

  #free(): void {
    this.#active--;
    for (const enter of this.#waiting) {
      if (this.#active >= this.#allowed) return;
      this.#waiting.delete(enter);
      this.#active++;
      enter();
    }
  }
}
