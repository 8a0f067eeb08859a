import { CopyOut } from '../copy-out.ts';
import type { Transactions } from '../databases.ts';
import type { Session } from '../session.ts';
import { uncheckedText } from './unchecked-text.ts';

/** What a capture does to transactions that go on after it, so that they are as they were. */
export class SessionUse {
  readonly transactions: Transactions;
  /** The last one of each session: those before it have ended. */
  readonly #copies = new Map<Session, CopyOut>();
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
    this.#copies.set(session, copy);
    return copy;
  }

  /** Reads to its end what the server is still sending. */
  async end(): Promise<void> {
    const copies = [...this.#copies.values()];
    await Promise.all(copies.map((copy) => copy.drain()));
    // After an error of the server's a transaction takes nothing but its rollback, which undoes this too.
    if (copies.some((copy) => copy.hasFailed)) return;
    for (const undo of this.#undo) await undo();
  }
}
