import type { Databases } from '../databases.ts';
import type { ReleasedOptions } from '../dialect.ts';
import { BareError } from './spring-errors.ts';
import { USER_COLUMNS, type UserRow } from './user-rows.ts';

/** How far a page may begin from where it should, in rows. */
const LARGEST_SHIFT = 2;

const IN_REALM = 'realm_name = $1';
/** Only `%` and `_` have a meaning, as the query has no character to escape them. */
const FOUND = `${IN_REALM} AND (lower(username) LIKE lower('%' || $2 || '%') ESCAPE ''
  OR lower(email) LIKE lower('%' || $2 || '%') ESCAPE '' OR lower(first_name) LIKE lower('%' || $2 || '%') ESCAPE '')`;

/** Pages of users without an order to hold on to: see `ReleasedOptions.userOrder`. */
export class UserPages {
  readonly #databases: Databases;
  readonly #order: NonNullable<ReleasedOptions['userOrder']>;
  /** The same in every run, for callers that come one after the other. */
  readonly #random = pseudoRandom(1);

  constructor(databases: Databases, order: NonNullable<ReleasedOptions['userOrder']>) {
    this.#databases = databases;
    this.#order = order;
  }

  async read(
    realm: string,
    search: string,
    page: number,
    size: number,
  ): Promise<{ rows: UserRow[]; total: number }> {
    if (page < 0 || size < 1) throw new BareError(500, 'There is no such page.');
    const [where, values] = search.trim() === '' ? [IN_REALM, [realm]] : [FOUND, [realm, search]];
    const kind = values.length === 1 ? 'all' : 'found';
    const [counted] = await this.#databases.prepared<{ total: number }>(
      'user',
      { name: `users-${kind}-count`, text: `SELECT count(*)::int AS total FROM users WHERE ${where}` },
      values,
    );
    const total = counted?.total ?? 0;
    const length = Math.max(0, Math.min(size, total - page * size));
    if (length === 0) return { rows: [], total };
    const order = this.#order === 'random' ? 'ORDER BY random()' : '';
    const rows = await this.#databases.prepared<UserRow>(
      'user',
      {
        name: `users-${kind}-${this.#order}`,
        text: `SELECT ${USER_COLUMNS} FROM users WHERE ${where} ${order}
               OFFSET $${values.length + 1} LIMIT $${values.length + 2}`,
      },
      [...values, this.#begin(page * size, length, total), length],
    );
    return { rows: this.#order === 'heap' ? rows : turned(rows, this.#random()), total };
  }

  #begin(offset: number, length: number, total: number): number {
    if (this.#order !== 'shifting') return offset;
    const shift = Math.floor(this.#random() * (2 * LARGEST_SHIFT + 1)) - LARGEST_SHIFT;
    return Math.max(0, Math.min(offset + shift, total - length));
  }
}

/** Begins the rows elsewhere in their circle: so far into it, from 0 to 1. */
function turned<Row>(rows: readonly Row[], share: number): Row[] {
  const start = Math.floor(share * rows.length);
  return [...rows.slice(start), ...rows.slice(0, start)];
}

/** Numbers from 0 to 1 (mulberry32). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
