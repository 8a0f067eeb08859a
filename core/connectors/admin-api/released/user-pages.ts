import { isAppError, throwIfAborted } from '../../../../contract/errors.ts';
import type { JsonObject, JsonValue } from '../../../model/record.ts';
import { isNotServed } from '../api-client.ts';
import { call, type Reading } from './reading.ts';
import { userPage } from './records.ts';

/** Users a page at first: about 170 KB of them, while the Admin API cannot pass on more than 256 KB. */
const FIRST_SIZE = 500;
/** Through the gateway, which streams; what is in a page was there at one moment. */
const SECOND_SIZE = 2_000;
/** Of one page, about: some 5,000 users as they usually are. */
const LARGEST_BYTES = 2 * 1024 * 1024;
/** Users that the size of one is estimated from. */
const SAMPLE = 50;
/** After so many pages in a row a size that was halved is doubled again. */
const GROW_AFTER = 8;

export interface UserPage<T> {
  /** What was made of its users. */
  readonly taken: readonly T[];
  /** Users of the realm, as the server counts them. */
  readonly total: number;
}

/**
 * Reads a realm's users page by page. Through the gateway where it serves them; else through the Admin API, which answers
 * a bare 500 for a page of more than 256 KB: then with half the size, until it goes through.
 */
export class UserPages<T> {
  readonly #reading: Reading;
  readonly #take: (user: JsonObject) => T | undefined;
  #through: 'gateway' | 'admin';
  #size = FIRST_SIZE;
  /** The size that was not too large when a larger one was. */
  #wanted = FIRST_SIZE;
  #good = 0;
  /** Bytes of one in an answer, about. */
  #bytes = 1_000;

  /** @param take makes of a user what is wanted of it, if anything: the next page waits in that form, not in its own */
  constructor(reading: Reading, take: (user: JsonObject) => T | undefined) {
    this.#reading = reading;
    this.#take = take;
    this.#through = reading.tools.endpoints.users(reading.realm, 0, 1) === undefined ? 'admin' : 'gateway';
  }

  /**
   * One reading, from the first page to the last. The next page is on its way while one is worked on.
   *
   * @param nth which reading it is, from 1: each has pages of another size, so that their borders lie elsewhere; through
   *   the gateway larger ones, if need be the whole list in one
   */
  async *read(nth: number, signal: AbortSignal): AsyncGenerator<UserPage<T>> {
    this.#wanted = this.#through === 'gateway' ? this.#largerSize(nth) : otherSize(nth);
    this.#size = this.#wanted;
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    let offset = 0;
    let next = this.#page(offset, either);
    try {
      for (;;) {
        const { page, end } = await next;
        if (end === undefined) {
          yield page;
          return;
        }
        offset = end;
        next = this.#page(offset, either);
        // Its error is looked at when its turn comes, which never does if somebody leaves before.
        next.catch(() => undefined);
        yield page;
      }
    } finally {
      left.abort();
      await next.catch(() => undefined);
    }
  }

  /** The page in which row `offset` stands, and where the one after it begins; undefined: it is the last. */
  async #page(
    offset: number,
    signal: AbortSignal,
  ): Promise<{ readonly page: UserPage<T>; readonly end: number | undefined }> {
    for (;;) {
      throwIfAborted(signal);
      const size = this.#size;
      const number = Math.floor(offset / size);
      const url = this.#url(number, size);
      const answer = await this.#ask(url, size, signal);
      if (answer === undefined) continue;
      const { users, total } = userPage(this.#reading.realm, answer, url);
      this.#estimate(users);
      this.#grow();
      const end = (number + 1) * size;
      const taken = users.flatMap((user) => this.#take(user) ?? []);
      return { page: { taken, total }, end: users.length === 0 || end >= total ? undefined : end };
    }
  }

  /** @returns undefined: to be asked for otherwise */
  async #ask(url: string, size: number, signal: AbortSignal): Promise<JsonValue | undefined> {
    // A page of one user is never too large: what is a 500 there is one.
    const mayBeTooLarge = this.#through === 'admin' && size > 1;
    const to = `list the users of realm “${this.#reading.realm}”`;
    try {
      return (await call(this.#reading, to, url, signal, mayBeTooLarge && { serverErrors: 'throw' })) ?? null;
    } catch (error) {
      if (!this.#another(error, size)) throw error;
      return undefined;
    }
  }

  /** Whether there is another way to ask after this failure; then it is taken. */
  #another(error: unknown, size: number): boolean {
    if (!isAppError(error)) return false;
    if (this.#through === 'gateway') {
      if (!isNotServed(error)) return false;
      this.#through = 'admin';
      return true;
    }
    if (error.code !== 'SERVER_ERROR' || error.details['status'] !== 500 || size === 1) return false;
    this.#size = Math.max(1, Math.floor(size / 2));
    this.#good = 0;
    return true;
  }

  #grow(): void {
    this.#good++;
    if (this.#size >= this.#wanted || this.#good < GROW_AFTER) return;
    this.#good = 0;
    this.#size = Math.min(this.#size * 2, this.#wanted);
  }

  #estimate(users: readonly JsonObject[]): void {
    const sample = users.slice(0, SAMPLE);
    if (sample.length > 0) this.#bytes = JSON.stringify(sample).length / sample.length;
  }

  #largerSize(nth: number): number {
    if (nth === 1) return FIRST_SIZE;
    const fits = Math.max(FIRST_SIZE, Math.floor(LARGEST_BYTES / this.#bytes));
    return nth === 2 ? Math.min(SECOND_SIZE, fits) : fits;
  }

  #url(page: number, size: number): string {
    const { tools, realm } = this.#reading;
    return this.#through === 'gateway'
      ? tools.endpoints.users(realm, page, size)!
      : tools.endpoints.adminUsers(realm, page, size);
  }
}

/** Through the Admin API no page can be much larger than the first guess: other borders instead. */
function otherSize(nth: number): number {
  return FIRST_SIZE - ((nth - 1) % 5) * 83;
}
