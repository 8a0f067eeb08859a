import { compareKeys } from '../model/key-order.ts';
import type { SectionSide } from '../compare/section-side.ts';
import type { CanonicalRecord } from '../model/record.ts';

type Awaitable<T> = T | Promise<T>;

/**
 * Walks along a side's records as the keys asked for ascend; one that goes back starts over. One chunk is held, and
 * nothing is awaited within it: a turn of the event loop for each of a million records would be felt.
 */
export class SideCursor {
  readonly #side: SectionSide;
  /** Which chunk is held, or would be read next. */
  #chunk = 0;
  #records: readonly CanonicalRecord[] | undefined;
  #next = 0;
  #last: string | undefined;

  constructor(side: SectionSide) {
    this.#side = side;
  }

  /** The first key that is this one or greater. */
  firstKeyFrom(key: string): Awaitable<string | undefined> {
    this.#advance(key);
    const { chunks } = this.#side;
    const ahead = chunks[this.#chunk];
    if (!this.#records) {
      if (!ahead || compareKeys(ahead.firstKey, key) >= 0) return ahead?.firstKey;
      return this.#opened(() => this.firstKeyFrom(key));
    }
    const record = this.#records[this.#next];
    return record ? record.key : chunks[this.#chunk + 1]?.firstKey;
  }

  has(key: string): Awaitable<boolean> {
    const first = this.firstKeyFrom(key);
    return first instanceof Promise ? first.then((found) => found === key) : first === key;
  }

  find(key: string): Awaitable<CanonicalRecord | undefined> {
    this.#advance(key);
    const ahead = this.#side.chunks[this.#chunk];
    if (!this.#records) {
      if (!ahead || compareKeys(ahead.firstKey, key) > 0) return undefined;
      return this.#opened(() => this.find(key));
    }
    const record = this.#records[this.#next];
    return record?.key === key ? record : undefined;
  }

  /** Moves on to the chunk in whose range the key lies, and in it, if it is held, to the first key that is not before. */
  #advance(key: string): void {
    if (this.#last !== undefined && compareKeys(key, this.#last) < 0) this.#startOver();
    this.#last = key;
    const { chunks } = this.#side;
    while (this.#chunk + 1 < chunks.length && compareKeys(chunks[this.#chunk + 1]!.firstKey, key) <= 0) {
      this.#chunk++;
      this.#records = undefined;
    }
    if (!this.#records) return;
    while (this.#next < this.#records.length && compareKeys(this.#records[this.#next]!.key, key) < 0)
      this.#next++;
  }

  #opened<T>(then: () => Awaitable<T>): Awaitable<T> {
    const hold = (records: readonly CanonicalRecord[]): Awaitable<T> => {
      this.#records = records;
      this.#next = 0;
      return then();
    };
    const read = this.#side.readChunk(this.#side.chunks[this.#chunk]!);
    return read instanceof Promise ? read.then(hold) : hold(read);
  }

  #startOver(): void {
    this.#chunk = 0;
    this.#records = undefined;
  }
}
