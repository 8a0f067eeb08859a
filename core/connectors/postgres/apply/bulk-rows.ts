import type { ApplyItem } from '../../connector.ts';
import { quoted } from '../quoted.ts';
import type { Session } from '../session.ts';
import { CELL_END, ROW_END } from './copy-text.ts';
import { insertedWithOwnIds, unlessTaken } from './free-ids.ts';
import { sendRows } from './stage.ts';
import { TextBlock } from './text-block.ts';

interface Rows {
  readonly text: TextBlock;
  readonly items: ApplyItem[];
}

/** Rows that go straight into a table by COPY, gathered by the columns that they bring. */
export class BulkRows {
  readonly #table: string;
  readonly #columns: readonly string[];
  readonly #bySet = new Map<string, Rows>();

  /** @param columns by name, in the order of the rows' cells */
  constructor(table: string, columns: readonly string[]) {
    this.#table = table;
    this.#columns = columns;
  }

  /** @param set a 1 for each cell that is written */
  append(cells: readonly string[], set: string, item: ApplyItem): void {
    let rows = this.#bySet.get(set);
    if (!rows) this.#bySet.set(set, (rows = { text: TextBlock.taken(), items: [] }));
    const given = set.includes('0') ? cells.filter((_cell, i) => set[i] === '1') : cells;
    rows.text.append(given.join(CELL_END) + ROW_END);
    rows.items.push(item);
  }

  /** Once; the memory of the rows is used again afterwards. */
  async send(session: Session): Promise<void> {
    await this.#send(session);
  }

  /**
   * As `send`, unless an id is taken: then no row is written.
   *
   * @returns whether they were written
   */
  async sendIfFree(session: Session): Promise<boolean> {
    // With the rows in one message, which costs next to nothing; it cannot span several.
    return this.#bySet.size === 1
      ? await unlessTaken(session, (savepoint) => this.#send(session, savepoint))
      : await insertedWithOwnIds(session, () => this.#send(session));
  }

  async #send(session: Session, savepoint?: string): Promise<void> {
    for (const [set, { text, items }] of this.#bySet) {
      const names = this.#columns.filter((_name, i) => set[i] === '1').map(quoted);
      await sendRows(session, `${this.#table} (${names.join(', ')})`, text.bytes, items, savepoint);
      text.giveBack();
    }
    this.#bySet.clear();
  }
}
