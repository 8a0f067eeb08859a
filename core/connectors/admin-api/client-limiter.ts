import { isAppError } from '../../../contract/errors.ts';
import { RateLimiter, type Ending, type Passage } from './rate.ts';
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

/** What a failure tells of how the server is. */
export function endingOf(error: unknown): Ending {
  if (!isAppError(error)) return 'other';
  const { status } = error.details;
  const overloaded = error.code === 'TIMEOUT' || status === 429 || status === 503 || status === 504;
  return overloaded ? 'overloaded' : 'other';
}

/** An answer that is read as it arrives is under way until it ends. */
export async function* untilRead(
  bytes: AsyncIterable<Uint8Array>,
  passage: Passage,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
    passage.leave('fine');
  } catch (error) {
    passage.leave(endingOf(error));
    throw error;
  } finally {
    passage.leave('other');
  }
}
