import { orAborted } from '../or-aborted.ts';

interface Running<Result> {
  readonly result: Promise<Result>;
  readonly off: AbortController;
  waiting: number;
}

/**
 * Work that several callers may wait for at once and that is done once for all of them. It is called off when the last
 * of them no longer waits; a failure is not remembered.
 */
export class SharedWork<Result> {
  readonly #start: (signal: AbortSignal) => Promise<Result>;
  #running: Running<Result> | undefined;

  constructor(start: (signal: AbortSignal) => Promise<Result>) {
    this.#start = start;
  }

  /** @throws AppError CANCELED when this caller's signal fires; what the work throws */
  async join(signal: AbortSignal): Promise<Result> {
    const running = (this.#running ??= this.#begin());
    running.waiting += 1;
    try {
      return await orAborted(running.result, signal);
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) {
        this.#forget(running);
        running.off.abort();
      }
    }
  }

  #begin(): Running<Result> {
    const off = new AbortController();
    const running = { result: this.#start(off.signal), off, waiting: 0 };
    // Who comes after its end starts anew; who waits hears of its failure.
    const ended = (): void => this.#forget(running);
    running.result.then(ended, ended);
    return running;
  }

  #forget(running: Running<Result>): void {
    if (this.#running === running) this.#running = undefined;
  }
}
