import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { RecordedEntries, type Entry, type EntryPage, type EntryRange } from './recorded-entries.ts';

/** Lists that are kept at a time: what is looked at now, and what somebody may go back to. */
const KEPT = 3;

interface List {
  readonly recorded: RecordedEntries;
  readonly canceling: AbortController;
  /** Resolves whenever there is more, and when it ends. */
  grown: PromiseWithResolvers<void>;
  waiting: number;
  failure?: unknown;
  ended: Promise<void>;
}

/** Where the entries of a list come from, when nobody has recorded them yet. */
export type EntrySource = (signal: AbortSignal) => AsyncIterable<readonly Entry[]>;

/**
 * Lists that are looked at by the page. One that is asked for is recorded from its beginning to its end, while pages that
 * are there already are shown: going back, on or into the middle, and filtering, make nothing anew. It stops when the
 * last one who waits for it goes away.
 */
export class EntryLists {
  readonly #stagingDir: string;
  readonly #lists = new Map<string, List>();
  readonly #closing = new Set<Promise<void>>();

  constructor(stagingDir: string) {
    this.#stagingDir = stagingDir;
  }

  /** To be filled by whoever makes the list anyway, and handed to `keep`, or closed. */
  newRecording(): RecordedEntries {
    return new RecordedEntries(this.#stagingDir);
  }

  /** @param recorded whole */
  keep(name: string, recorded: RecordedEntries): void {
    this.forget(name);
    this.#put(name, {
      recorded,
      canceling: new AbortController(),
      grown: Promise.withResolvers(),
      waiting: 0,
      ended: Promise.resolve(),
    });
  }

  /** @throws AppError CANCELED; what the source throws; DISK_FULL, FILE_FAILED */
  async page(name: string, source: EntrySource, range: EntryRange, signal: AbortSignal): Promise<EntryPage> {
    const list = this.#lists.get(name) ?? this.#record(name, source);
    // As the latest that was looked at.
    this.#lists.delete(name);
    this.#lists.set(name, list);
    list.waiting++;
    try {
      for (;;) {
        throwIfAborted(signal);
        const { grown } = list;
        const { isWhole } = list.recorded;
        const page = await list.recorded.page(range, signal);
        if (isWhole || page.truncated) return page;
        if (list.failure !== undefined) throw list.failure;
        if (list.recorded.isWhole) continue;
        await orAborted(grown.promise, signal);
      }
    } finally {
      list.waiting--;
      // Whoever was answered may want more; whoever went away does not.
      if (signal.aborted && list.waiting === 0 && !list.recorded.isWhole) this.#drop(name, list);
    }
  }

  forget(name: string): void {
    const list = this.#lists.get(name);
    if (list) this.#drop(name, list);
  }

  /** Nothing runs and no file is left when it returns. */
  async close(): Promise<void> {
    for (const name of this.#lists.keys()) this.forget(name);
    await Promise.all(this.#closing);
  }

  #record(name: string, source: EntrySource): List {
    const list: List = {
      recorded: this.newRecording(),
      canceling: new AbortController(),
      grown: Promise.withResolvers(),
      waiting: 0,
      ended: Promise.resolve(),
    };
    this.#put(name, list);
    list.ended = this.#fill(name, list, source);
    return list;
  }

  async #fill(name: string, list: List, source: EntrySource): Promise<void> {
    const { signal } = list.canceling;
    const tell = (): void => {
      const told = list.grown;
      list.grown = Promise.withResolvers();
      told.resolve();
    };
    try {
      for await (const entries of source(signal)) {
        throwIfAborted(signal);
        const { blocks } = list.recorded;
        await list.recorded.add(entries);
        if (list.recorded.blocks > blocks) tell();
        // Whoever waits is answered before the rest is made.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await list.recorded.finish();
    } catch (error) {
      list.failure = error;
      // The next one who asks finds out whether it still fails.
      if (this.#lists.get(name) === list) this.#lists.delete(name);
      this.#track(list.recorded.close());
    }
    tell();
  }

  #put(name: string, list: List): void {
    this.#lists.set(name, list);
    for (const [oldest, other] of this.#lists) {
      if (this.#lists.size <= KEPT) break;
      if (other.waiting === 0 && other !== list) this.#drop(oldest, other);
    }
  }

  #drop(name: string, list: List): void {
    if (this.#lists.get(name) === list) this.#lists.delete(name);
    list.canceling.abort(new AppError('CANCELED', 'Nobody looks at this list any more.'));
    this.#track(list.ended.then(() => list.recorded.close()));
  }

  #track(closing: Promise<void>): void {
    const tracked = closing.finally(() => this.#closing.delete(tracked));
    this.#closing.add(tracked);
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = (): void => aborted.resolve();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
