import { CopyOut } from '../copy-out.ts';
import type { Transactions } from '../databases.ts';
import type { Session } from '../session.ts';
import { uncheckedText } from './unchecked-text.ts';

/** What a capture does to transactions that go on after it, so that they are as they were. */
export class SessionUse {
  readonly transactions: Transactions;
  readonly #copies: CopyOut[] = [];
  readonly #undo: (() => Promise<void>)[] = [];

  constructor(transactions: Transactions) {
    this.transactions = transactions;
  }

  async begin(): Promise<void> {
    for (const { session, services } of this.transactions.databases)
      this.#undo.push(await uncheckedText(session, services));
  }

  copy(session: Session, query: string): CopyOut {
    const copy = CopyOut.start(session, query);
    this.#copies.push(copy);
    return copy;
  }

  /** Reads to its end what the server is still sending. */
  async end(): Promise<void> {
    await Promise.all(this.#copies.map((copy) => copy.drain()));
    // After an error of the server's a transaction takes nothing but its rollback, which undoes this too.
    if (this.#copies.some((copy) => copy.hasFailed)) return;
    for (const undo of this.#undo) await undo();
  }
}
