import { isAppError } from '../../../../contract/errors.ts';
import type { Databases, Transactions } from '../databases.ts';
import type { Session } from '../session.ts';
import { uncheckedText } from './unchecked-text.ts';

/**
 * A second connection to the user service's database that sees the same moment as the first, so that the server can join
 * and sort the credentials while the users are still being sent. What it saves is time alone: where it cannot be had,
 * because the role may have no more connections, everything is read through the first.
 */
export class SecondLook implements AsyncDisposable {
  readonly #databases: Databases;
  readonly #snapshot: string;
  readonly #signal: AbortSignal;
  #transactions: Transactions | undefined;
  #isOpened = false;

  private constructor(databases: Databases, snapshot: string, signal: AbortSignal) {
    this.#databases = databases;
    this.#snapshot = snapshot;
    this.#signal = signal;
  }

  /** @param session of the user service, with nothing under way */
  static async at(session: Session, databases: Databases, signal: AbortSignal): Promise<SecondLook> {
    const [row] = await session.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot');
    return new SecondLook(databases, row!.snapshot, signal);
  }

  /** Whether it was tried. */
  get isOpened(): boolean {
    return this.#isOpened;
  }

  /** @returns undefined when there can be no second connection */
  async open(): Promise<Session | undefined> {
    this.#isOpened = true;
    try {
      this.#transactions = await this.#databases.begin(['user'], 'read', this.#signal);
      const session = this.#transactions.of('user');
      // That transaction has its own view already.
      await session.query('ROLLBACK');
      await session.prepare('read');
      await session.query(`SET TRANSACTION SNAPSHOT '${this.#snapshot}'`);
      await sparingly(this.#transactions);
      await uncheckedText(session, this.#transactions.databases[0]!.services);
      return session;
    } catch (error) {
      if (!isAppError(error) || error.code === 'CANCELED' || error.code === 'INTERNAL') throw error;
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transactions?.rollback();
  }
}

/**
 * Without processes that help: a server has other work, and sorting with them costs it a sixth more in all. Nobody waits
 * for the sort, as other rows are read meanwhile.
 */
export async function sparingly({ databases }: Transactions): Promise<void> {
  for (const { session } of databases) await session.query('SET LOCAL max_parallel_workers_per_gather = 0');
}
