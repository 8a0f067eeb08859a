import { parseExact } from '../../../model/exact-json.ts';
import type { JsonObject } from '../../../model/record.ts';
import { userExists, type Reading } from './reading.ts';
import { idOf } from './records.ts';
import { SeenUsers } from './seen-users.ts';
import { UserPages } from './user-pages.ts';

/** A user who waits for their turn: as text, which takes a quarter of what the object does. */
export interface ListedUser {
  readonly id: string;
  /** The record's body as JSON. */
  readonly text: string;
}

export function bodyOf({ text }: ListedUser): JsonObject {
  return parseExact(text) as JsonObject;
}

/** How often the list is read at most until it agrees with the server's count. */
const READINGS = 12;
/** So many users that were there and are not in the latest reading are looked for one by one. */
const MOST_LOOKED_FOR = 200;
const MOST_NAMED = 5;

/**
 * Every user of a realm once, whatever the pages do. Release v1.1.0 lists users without an order: while they change, and
 * when PostgreSQL takes another way to a later page, pages repeat rows and miss others. So distinct ids are counted
 * against what the server counts, and the list is read again until they agree. A user who is deleted moves all others up:
 * one is missed for each, and the numbers agree all the same. Therefore a list of several pages counts only once it was
 * read without anything new, and without waiting for anything else between its pages.
 */
export class UserReadings {
  readonly #reading: Reading;
  readonly #seen = new SeenUsers();
  readonly #namesakes: string[] = [];
  #namesakeCount = 0;
  #total = 0;
  #gone = 0;
  #readings = 0;
  #agrees = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Users of the realm, as the server counted them last. */
  get total(): number {
    return this.#total;
  }

  /** In batches of a page, each user once. */
  async *users(signal: AbortSignal): AsyncGenerator<readonly ListedUser[]> {
    const pages = new UserPages(this.#reading, (body) => this.#fresh(body));
    while (!this.#agrees && this.#readings < READINGS) {
      if (this.#readings > 0) this.#seen.nextReading();
      this.#readings++;
      const counts = new Set<number>();
      const read = { pages: 0, fresh: 0 };
      for await (const { taken, total } of pages.read(this.#readings, signal)) {
        read.pages++;
        counts.add(total);
        this.#total = total;
        read.fresh += taken.length;
        if (taken.length > 0) yield taken;
      }
      const quiet = counts.size === 1 && (read.pages === 1 || read.fresh === 0);
      this.#agrees = (quiet || this.#readings === READINGS) && (await this.#agreed(signal));
    }
  }

  /** Why the users are not known to be all; undefined: they are. To be asked at the end. */
  inconsistent(): string | undefined {
    if (this.#agrees) return undefined;
    return (
      `the list of users was read ${this.#readings} times, and had ${counted(this.#seen.size)} in all, ` +
      `while the server counts ${counted(this.#total)}: users may be missing, or there that are gone. ` +
      'Take it again while nobody changes users, or over the databases.'
    );
  }

  /** To be asked at the end. */
  warnings(): string[] {
    const warnings: string[] = [];
    if (this.#agrees && this.#gone > 0)
      warnings.push(
        `${counted(this.#gone)} ${this.#gone === 1 ? 'was' : 'were'} deleted while the realm was read, and still in the snapshot.`,
      );
    if (this.#namesakeCount > 0)
      warnings.push(
        `${counted(this.#namesakeCount)} came twice, with two ids: deleted and created again while the realm was read. ` +
          `The snapshot has what was read first: ${this.#namesakes.join(', ')}${this.#namesakeCount > MOST_NAMED ? ', …' : ''}.`,
      );
    return warnings;
  }

  #fresh(body: JsonObject): ListedUser | undefined {
    const id = idOf('users', body, 'The list of users');
    const name = body['username'] as string;
    const seen = this.#seen.see(id, name);
    if (seen === 'namesake') {
      this.#namesakeCount++;
      if (this.#namesakes.length < MOST_NAMED) this.#namesakes.push(`“${name}”`);
    }
    return seen === 'new' ? { id, text: JSON.stringify(body) } : undefined;
  }

  /**
   * Whether all that there is was seen. More than there is: some were deleted meanwhile, which is asked for one by one.
   */
  async #agreed(signal: AbortSignal): Promise<boolean> {
    const surplus = this.#seen.size - this.#total;
    this.#gone = 0;
    if (surplus < 0) return false;
    if (this.#seen.inReading === this.#total) {
      this.#gone = surplus;
      return true;
    }
    if (surplus === 0) return true;
    const missing = this.#seen.notInReading(MOST_LOOKED_FOR);
    if (missing.length > MOST_LOOKED_FOR) return false;
    for (const id of missing) if (!(await userExists(this.#reading, id, signal))) this.#gone++;
    return this.#gone === surplus;
  }
}

/** "1 user", "2,000 users" */
export function counted(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'user' : 'users'}`;
}
