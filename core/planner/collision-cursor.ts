import { compareKeys } from '../model/key-order.ts';
import type { Collision } from './plan.ts';

/** Walks along a stream of collisions as the user names ascend. */
export class CollisionCursor {
  readonly #batches: AsyncIterator<readonly Collision[]> | undefined;
  #batch: readonly Collision[] = [];
  #next = 0;
  #ended: boolean;

  constructor(batches: AsyncIterable<readonly Collision[]> | undefined) {
    this.#batches = batches?.[Symbol.asyncIterator]();
    this.#ended = this.#batches === undefined;
  }

  /** The collisions of one user; names must be asked for in key order. */
  async at(username: string): Promise<readonly Collision[]> {
    const found: Collision[] = [];
    for (let head = await this.#head(); head; head = await this.#head()) {
      const order = compareKeys(head.username, username);
      if (order > 0) break;
      if (order === 0) found.push(head);
      this.#next++;
    }
    return found;
  }

  /** Whether this user surely has none, as can be told without waiting. */
  hasNone(username: string): boolean {
    const head = this.#batch[this.#next];
    return head ? compareKeys(head.username, username) > 0 : this.#ended;
  }

  async close(): Promise<void> {
    await this.#batches?.return?.();
  }

  async #head(): Promise<Collision | undefined> {
    while (this.#next >= this.#batch.length && !this.#ended) {
      const { done, value } = await this.#batches!.next();
      if (done === true) this.#ended = true;
      else {
        this.#batch = value;
        this.#next = 0;
      }
    }
    return this.#batch[this.#next];
  }
}
