import { EventEmitter, on } from 'node:events';

/** A value that others watch: each sees it as it is, and then whenever it was changed. */
export class Latest<T> {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    this.#emitter.emit('change');
  }

  /** Ends when the signal fires. A watcher that is slow misses what was in between, never the last. */
  async *watch(signal: AbortSignal | undefined): AsyncGenerator<T> {
    // Listening begins before the first value is handed out: what changes meanwhile is not missed.
    const changes = on(this.#emitter, 'change', { ...(signal && { signal }) });
    try {
      let told: T | undefined;
      yield (told = this.#value);
      for await (const _ of changes) if (this.#value !== told) yield (told = this.#value);
    } catch (error) {
      if (!signal?.aborted) throw error;
    } finally {
      await changes.return?.();
    }
  }
}
