import Database from 'better-sqlite3';
import type { Database as Connection, Statement } from 'better-sqlite3';
import { throwIfAborted } from '../../../contract/errors.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Pages } from './pages.ts';
import type { SqlValue, StoredRow } from './record-format.ts';
import { LeftPages } from './table-rows.ts';

/** A row by the names of its columns. Of columns that were added later than the row was stored, there are none. */
export type NamedRow = Readonly<Record<string, SqlValue>>;

/** What could not be read of a table. */
export interface TableLoss {
  readonly table: string;
  /** Rows of which something is there. */
  readonly rows: number;
  /** Pages of rows, or that lead to such. */
  readonly pages: number;
}

/** Between two looks at the signal. */
export const ROWS_AT_ONCE = 500;

/** Reads what is left of the tables of a damaged file, whatever is damaged: its list of tables, indexes, inner pages. */
export class Salvage {
  readonly #left: LeftPages;
  readonly #tables: ReadonlyMap<string, Table>;
  /** By the file's own list of tables. */
  readonly #roots: ReadonlyMap<string, number>;
  readonly #losses = new Map<string, { rows: number; pages: number }>();

  /** @param migrations what made its tables */
  constructor(pages: Pages, migrations: readonly string[]) {
    this.#left = new LeftPages(pages);
    this.#tables = tablesAfter(migrations, isVacuumed(pages));
    this.#roots = this.#rootsOfTables();
  }

  /** Every table that there is, those first of which it is known where they are. */
  get tables(): string[] {
    return [...this.#tables.keys()].toSorted(
      (a, b) => Number(this.#roots.has(b)) - Number(this.#roots.has(a)),
    );
  }

  get losses(): TableLoss[] {
    return [...this.#losses].map(([table, loss]) => ({ table, ...loss }));
  }

  /** The rows that its tree leads to. */
  *rows(name: string): Generator<NamedRow> {
    const table = this.#tables.get(name)!;
    const found = this.#roots.get(name);
    // Something of it may be lost even where it is where a new catalog has it.
    if (found === undefined) this.#lose(name, 'page');
    const root = found ?? table.usualRoot;
    for (const row of this.#left.below(root, (what) => this.#lose(name, what))) {
      const named = namedRow(table, row);
      if (named) yield named;
      else this.#lose(name, 'row');
    }
  }

  /**
   * Rows that no tree leads to any more, with every table of those given that they may be of: one of their shape, of which
   * pages are missing. To be called when all of the others have been read.
   */
  *stranded(names: readonly string[]): Generator<{ readonly table: string; readonly row: NamedRow }> {
    const missed = names.filter((name) => (this.#losses.get(name)?.pages ?? 0) > 0);
    if (missed.length === 0) return;
    for (const row of this.#left.stranded())
      for (const name of missed) {
        const named = namedRow(this.#tables.get(name)!, row);
        if (named) yield { table: name, row: named };
      }
  }

  /** Rows that were read, but break the rules of their table. */
  refused(table: string, rows: number): void {
    if (rows > 0) this.#lose(table, 'row', rows);
  }

  #lose(table: string, what: 'page' | 'row', count = 1): void {
    const loss = this.#losses.get(table) ?? { rows: 0, pages: 0 };
    if (what === 'page') loss.pages += count;
    else loss.rows += count;
    this.#losses.set(table, loss);
  }

  #rootsOfTables(): Map<string, number> {
    const roots = new Map<string, number>();
    // sqlite_schema: type, name, table, root page, SQL.
    for (const { values } of this.#left.below(1, () => undefined)) {
      const [type, name, , root] = values;
      if (type === 'table' && typeof name === 'string' && typeof root === 'number') roots.set(name, root);
    }
    return roots;
  }
}

/** Puts rows into a table as they are; what its rules refuse is left out. @returns how many were */
export async function putRows(
  db: Connection,
  table: string,
  rows: Iterable<NamedRow>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let refused = 0;
  let sinceLook = 0;
  const statements = new Map<string, Statement<SqlValue[]>>();
  for (const row of rows) {
    const columns = Object.keys(row).join(', ');
    const places = Object.keys(row).map(() => '?');
    const insert =
      statements.get(columns) ??
      db.prepare<SqlValue[]>(`INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${places.join(', ')})`);
    statements.set(columns, insert);
    try {
      if (insert.run(...Object.values(row)).changes === 0) refused++;
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_CONSTRAINT'))
        throw error;
      refused++;
    }
    if (++sinceLook < ROWS_AT_ONCE) continue;
    sinceLook = 0;
    throwIfAborted(signal);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return refused;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

interface Table {
  /** In the order in which a row stores them. */
  readonly columns: readonly Column[];
  /** The column that is the row's number, if one is. */
  readonly rowid: string | undefined;
  /**
   * The page where it begins in a catalog that was made by these migrations. That of the catalog's own row and of its keys
   * are the same in every one, since they were the first to be made, and a table never moves.
   */
  readonly usualRoot: number;
}

/**
 * Whether the file keeps track of its pages, on pages of their own: the second is the first of these, and says of the third
 * that it is where a table begins. Not asked of the header, which may be what is lost.
 */
function isVacuumed(pages: Pages): boolean {
  return pages.read(2)?.readUInt8(0) === 1;
}

function tablesAfter(migrations: readonly string[], vacuumed: boolean): Map<string, Table> {
  const reference = new Database(':memory:');
  try {
    if (vacuumed) reference.pragma('auto_vacuum = INCREMENTAL');
    for (const migration of migrations) reference.exec(migration);
    const names = reference
      .prepare<[], { name: string; wr: number; rootpage: number }>(
        `SELECT t.name, wr, rootpage FROM pragma_table_list t JOIN sqlite_schema s USING (name)
          WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%'`,
      )
      .all();
    return new Map(
      names.map(({ name, wr, rootpage }) => [
        name,
        { ...columnsOf(reference, name, wr === 1), usualRoot: rootpage },
      ]),
    );
  } finally {
    reference.close();
  }
}

function columnsOf(reference: Connection, name: string, withoutRowid: boolean): Omit<Table, 'usualRoot'> {
  const rows = withSqliteErrors(() =>
    reference
      .prepare<[string], { name: string; type: string; notnull: number; pk: number }>(
        'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid',
      )
      .all(name),
  );
  const keys = rows.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const rowid = !withoutRowid && keys.length === 1 && keys[0]!.type === 'INTEGER' ? keys[0]!.name : undefined;
  const ordered = withoutRowid ? [...keys, ...rows.filter(({ pk }) => pk === 0)] : rows;
  return {
    rowid,
    columns: ordered.map((row) => ({ name: row.name, type: row.type, required: row.notnull === 1 })),
  };
}

/** @returns undefined when the row cannot be one of this table */
function namedRow({ columns, rowid }: Table, row: StoredRow): NamedRow | undefined {
  if (row.values.length > columns.length) return undefined;
  const named: Record<string, SqlValue> = {};
  for (const [i, value] of row.values.entries()) {
    const column = columns[i]!;
    if (column.name === rowid) {
      if (value !== null) return undefined;
      named[column.name] = row.rowid;
    } else if (fits(column, value)) named[column.name] = value;
    else return undefined;
  }
  return named;
}

function fits({ type, required }: Column, value: SqlValue): boolean {
  if (value === null) return !required;
  if (type === 'INTEGER') return typeof value === 'number';
  return type === 'TEXT' ? typeof value === 'string' : Buffer.isBuffer(value);
}
