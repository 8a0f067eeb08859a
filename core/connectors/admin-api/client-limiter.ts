import { RateLimiter, type Passage } from './rate.ts';
import type { AdminApiSettings, Time } from './settings.ts';

/**
 * The limiter as one client uses it: of its own, or shared with others. What this client has under way ends with it: an
 * answer that nobody reads would be under way for ever, and take a place from the others.
 */
export class ClientLimiter {
  readonly #limiter: RateLimiter;
  readonly #isShared: boolean;
  readonly #passages = new Set<Passage>();

  constructor({ limiter, limits = {} }: Pick<AdminApiSettings, 'limiter' | 'limits'>, time: Time) {
    this.#limiter = limiter ?? new RateLimiter(limits, time);
    this.#isShared = limiter !== undefined;
  }

  async enter(signal: AbortSignal): Promise<Passage> {
    const entered = await this.#limiter.enter(signal);
    const passage: Passage = {
      answered: (kind) => entered.answered(kind),
      leave: (ending) => {
        this.#passages.delete(passage);
        entered.leave(ending);
      },
    };
    this.#passages.add(passage);
    return passage;
  }

  async turn(signal: AbortSignal): Promise<void> {
    await this.#limiter.turn(signal);
  }

  async pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#limiter.pause(ms, signal);
  }

  close(): void {
    for (const passage of this.#passages) passage.leave('other');
    if (!this.#isShared) this.#limiter.close();
  }
}
