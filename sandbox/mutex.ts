/** Lets one piece of work run after the other, in the order of asking. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    // The next one waits for the end, whichever it is; the failure is the caller's, who has `result`.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
