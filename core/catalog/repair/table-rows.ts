import type { Pages } from './pages.ts';
import {
  cellsOf,
  childrenOf,
  INDEX_INTERIOR,
  INDEX_LEAF,
  rowAt,
  TABLE_INTERIOR,
  TABLE_LEAF,
  typeOf,
  type StoredRow,
} from './record-format.ts';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** What is left of a database's trees, page by page. */
export class LeftPages {
  readonly #pages: Pages;
  /** In some tree. */
  readonly #seen = new Set<number>();

  constructor(pages: Pages) {
    this.#pages = pages;
  }

  /**
   * The rows below a page, in order, as far as they can be read.
   *
   * @param onDamage is told each page, and each row, that cannot be read
   */
  *below(number: number, onDamage: (what: 'page' | 'row') => void): Generator<StoredRow> {
    const page = this.#take(number);
    const type = page && typeOf(page, number);
    const cells = page && cellsOf(page, number);
    if (!cells || !page || ![TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR].includes(type!)) {
      onDamage('page');
      return;
    }
    if (type !== TABLE_INTERIOR)
      for (const cell of cells) {
        const row = rowAt(this.#pages, page, type!, cell);
        if (row) yield row;
        else onDamage('row');
      }
    if (type === TABLE_INTERIOR || type === INDEX_INTERIOR)
      for (const child of childrenOf(page, number, cells)) yield* this.below(child, onDamage);
  }

  /** The rows on pages that no tree reaches and that are not known to be free: what a damaged page above them led to. */
  *stranded(): Generator<StoredRow> {
    const free = this.#free();
    if (!free) return;
    for (let number = 2; number <= this.#pages.count; number++) {
      if (this.#seen.has(number) || free.has(number)) continue;
      const page = this.#pages.read(number);
      if (!page || typeOf(page, number) !== TABLE_LEAF) continue;
      for (const cell of cellsOf(page, number) ?? []) {
        const row = rowAt(this.#pages, page, TABLE_LEAF, cell);
        if (row) yield row;
      }
    }
  }

  #take(number: number): Buffer | undefined {
    if (number < 1 || number > this.#pages.count || this.#seen.has(number)) return undefined;
    this.#seen.add(number);
    return this.#pages.read(number);
  }

  /**
   * The pages that are free: what stands on them was deleted, and must not come back.
   *
   * @returns undefined when the list of them is damaged
   */
  #free(): ReadonlySet<number> | undefined {
    const header = this.#pages.read(1);
    // Of a header that is lost, the list would seem to be empty.
    if (!header?.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const free = new Set<number>();
    for (let trunk = header.readUInt32BE(32); trunk !== 0;) {
      const page = trunk <= this.#pages.count && !free.has(trunk) ? this.#pages.read(trunk) : undefined;
      const count = page?.readUInt32BE(4) ?? Infinity;
      if (!page || 8 + 4 * count > page.length) return undefined;
      free.add(trunk);
      for (let i = 0; i < count; i++) free.add(page.readUInt32BE(8 + 4 * i));
      trunk = page.readUInt32BE(0);
    }
    return free.size === header.readUInt32BE(36) ? free : undefined;
  }
}
