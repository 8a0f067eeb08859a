import { RateLimiter } from './rate.ts';
import { REAL_TIME } from './time.ts';
import type { Limits } from './settings.ts';

/**
 * One limiter for all connectors that are open to a server at a time: two jobs at once ask it no harder than one, and what
 * one of them learns of its strength holds for the other. It lasts until the last of them is closed.
 */
export class SharedLimiters {
  readonly #held = new Map<string, { readonly limiter: RateLimiter; users: number }>();

  /**
   * @param server what tells one server with its limits from another
   * @returns the limiter, to be given back once
   */
  take(server: string, limits: Limits): { readonly limiter: RateLimiter; giveBack(): void } {
    let held = this.#held.get(server);
    if (!held) this.#held.set(server, (held = { limiter: new RateLimiter(limits, REAL_TIME), users: 0 }));
    held.users++;
    const { limiter } = held;
    return {
      limiter,
      giveBack: () => {
        if (--held.users > 0) return;
        this.#held.delete(server);
        limiter.close();
      },
    };
  }
}
