/** Fewer bytes than this in the time without a byte that is waited for are as good as none. */
const LEAST_BYTES = 1024;

/** Finds answers that only drip: silence is noticed by undici, a byte a second would go on for ever. */
export class Pace {
  readonly #idleMs: number;
  #waitedMs = 0;
  #bytes = 0;
  #waitingSince = performance.now();

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** From here on the server is waited for; what its reader takes does not count. */
  resume(): void {
    this.#waitingSince = performance.now();
  }

  /** @returns an error once it is too slow */
  check(bytes: number): Error | undefined {
    this.#waitedMs += performance.now() - this.#waitingSince;
    this.#bytes += bytes;
    if (this.#waitedMs < this.#idleMs) return undefined;
    if (this.#bytes < LEAST_BYTES) return Object.assign(new Error('too slow'), { code: 'TOO_SLOW' });
    this.#waitedMs = 0;
    this.#bytes = 0;
    return undefined;
  }
}
