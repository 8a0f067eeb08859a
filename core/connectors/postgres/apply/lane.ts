import type { Session } from '../session.ts';

/**
 * So many items are made into rows before the event loop has a turn: what the servers answer meanwhile is heard, and
 * they are given what comes next.
 */
export const ITEMS_A_TURN = 200;

/** A session, and the order of work on it. */
export interface LaneOn {
  readonly session: Session;
  readonly lane: Lane;
}

/**
 * Work on one session, one piece at a time. While the server is busy with a piece the next can be made; at most one is
 * under way, so what waits is bounded.
 */
export class Lane {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the piece before, then begins this one and does not wait for it. @throws what the piece before threw */
  async begin(work: () => Promise<void>): Promise<void> {
    await this.#last;
    this.#last = work();
    // Whoever comes next is told; until then nobody may be waiting.
    this.#last.catch(() => undefined);
  }

  /** @throws what the last piece threw */
  async settled(): Promise<void> {
    await this.#last;
  }
}
