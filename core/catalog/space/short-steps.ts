import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';

/** What one step should take, in milliseconds: others wait for it, and with it for the sync to the disk. */
const WANTED = 25;

/**
 * Long work on the catalog, cut into transactions so short that others, who wait for each, do not notice. Between two steps
 * it rests for about as long as the step took: who waits for a lock of SQLite looks again only now and then, and would find it
 * taken each time.
 */
export class ShortSteps {
  readonly #db: Database;
  readonly #signal: AbortSignal | undefined;
  readonly #most: number;
  #size: number;

  /** @param size rows for the first step; later ones take what fits into the time, `most` at most */
  constructor(db: Database, signal: AbortSignal | undefined, { size, most }: { size: number; most: number }) {
    this.#db = db;
    this.#signal = signal;
    this.#size = size;
    this.#most = most;
  }

  /** How many rows the next step should take. */
  get size(): number {
    return this.#size;
  }

  /** Runs the work in a transaction of its own, then rests. @throws AppError CANCELED before it begins */
  async run<T>(work: () => T): Promise<T> {
    return await this.outside(() => this.#db.transaction(work).immediate());
  }

  /** The same for what makes its own transaction. */
  async outside<T>(work: () => T): Promise<T> {
    throwIfAborted(this.#signal);
    const started = performance.now();
    const result = withSqliteErrors(work);
    const took = performance.now() - started;
    const fitting = Math.round((this.#size * WANTED) / Math.max(took, 1));
    this.#size = Math.min(this.#most, Math.max(10, Math.min(fitting, 2 * this.#size)));
    await sleep(Math.min(took, 2 * WANTED));
    return result;
  }
}
