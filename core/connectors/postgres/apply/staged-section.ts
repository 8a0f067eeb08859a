import { AppError } from '../../../../contract/errors.ts';
import { displayKey } from '../../../model/natural-key.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import type { ApplyItem } from '../../connector.ts';
import type { Table } from '../layout.ts';
import type { TableName } from '../services.ts';
import type { Session } from '../session.ts';
import { recordChanged, requireCount } from './apply-errors.ts';
import { cell, CELL_END, NULL_CELL, ROW_END } from './copy-text.ts';
import { insertedWithOwnIds } from './free-ids.ts';
import type { NewIds } from './new-ids.ts';
import { RowEncoder, unfit, type EncodedRow } from './rows.ts';
import { quoted } from '../quoted.ts';
import { SECTION_TABLES, type SectionTable } from '../section-tables.ts';
import { finishedCells } from './server-values.ts';
import { TextBlock } from './text-block.ts';
import { sendRows, Stage, STAGED, type StagedAction } from './stage.ts';

/** What the parts of an apply share. */
export interface Applying {
  readonly realm: string;
  readonly ids: NewIds;
  /** Nothing of the realm is there: no row has to be looked for. */
  readonly isNew: boolean;
  readonly warnings: string[];
  /** @throws AppError INTERNAL when there is no such table: its service was not found */
  table(name: TableName): Table;
}

const NO_ROWS: Readonly<Record<StagedAction, number>> = { c: 0, u: 0, d: 0, a: 0 };
const { n, action: does, set, row, replaces, user } = STAGED;

/**
 * One section: its items are staged in a temporary table, and then written by a few statements, whatever their number.
 * `locate` comes first, then `delete` of all sections (those that hang on others first), then `update` and `insert` of
 * each in turn.
 */
export class StagedSection {
  readonly section: Section;
  protected readonly of: Applying;
  protected readonly session: Session;
  protected readonly table: Table;
  protected readonly at: SectionTable;
  protected readonly encoder: RowEncoder;
  /** Rows staged, by what is to be done with them. */
  protected count: Record<StagedAction, number> = { ...NO_ROWS };
  protected stage: Stage | undefined;
  readonly #columns: string;
  /** How many rows to insert, by which columns are set. */
  readonly #insertions = new Map<string, number>();
  readonly #updates = new Set<string>();
  #items = 0;
  #idsAreTaken = false;

  constructor(section: Section, of: Applying, session: Session) {
    this.section = section;
    this.of = of;
    this.session = session;
    this.at = SECTION_TABLES[section];
    this.table = of.table(this.at.table);
    this.encoder = new RowEncoder(section, this.table);
    this.#columns = Stage.columns(this.encoder.columns.map(({ name }) => name));
  }

  /** That the next item will have. */
  get nextNumber(): number {
    return this.#items;
  }

  async add(items: readonly ApplyItem[]): Promise<void> {
    await this.send(await this.encode(items));
  }

  /** Makes the rows, without touching what is staged: the server may be busy with those before. */
  async encode(items: readonly ApplyItem[]): Promise<EncodedItems> {
    const block = TextBlock.taken();
    const kinds = new Map<string, StagedKind>();
    const rowItems: ApplyItem[] = [];
    for (const item of items) {
      const number = this.#items++;
      for (const { action, row, user, replaces } of this.rowsOf(item)) {
        const cells = row.fromServer ? await finishedCells(this.session, this.table, item, row) : row.cells;
        const own = [number, action, row.set, replaces ? 't' : 'f', user ?? NULL_CELL];
        block.append(own.join(CELL_END) + CELL_END + cells.join(CELL_END) + ROW_END);
        const kind = kinds.get(action + row.set);
        if (kind) kind.rows++;
        else kinds.set(action + row.set, { action, set: row.set, rows: 1 });
        rowItems.push(item);
      }
    }
    return { text: block, kinds: [...kinds.values()], rowItems };
  }

  async send({ text, kinds, rowItems }: EncodedItems): Promise<void> {
    this.stage ??= await Stage.create(this.session, this.section, this.table);
    for (const kind of kinds) this.#note(kind);
    await sendRows(this.session, `${this.stage.sql} (${this.#columns})`, text.bytes, rowItems);
    text.giveBack();
  }

  #note({ action, set: bits, rows }: StagedKind): void {
    this.count[action] += rows;
    if (action === 'c' || action === 'a')
      this.#insertions.set(bits, (this.#insertions.get(bits) ?? 0) + rows);
    if (action === 'u') this.#updates.add(bits);
  }

  /** The rows that an item makes: one, and one more for each in `additional`. */
  protected *rowsOf(item: ApplyItem): Generator<StagedRow> {
    const { action, body } = item;
    const parts = item.key.split('\u0000');
    const given: Record<string, string> = {};
    this.at.key.forEach((name, i) => (given[name] = parts[i]!));
    const owner = given['#user'] ?? textOf(body['username']);
    const user = this.at.hangsOnUser && owner !== undefined ? { user: cell(owner) } : {};
    const { additional } = body;
    const hasOthers = this.at.apart.includes('additional') && additional !== undefined;
    if (action === 'delete') {
      yield { action: 'd', row: this.#keyed(this.encoder.changed({ ...item, body: {} }), given), ...user };
      return;
    }
    if (action === 'create') yield { action: 'c', row: this.created(item, body, given), ...user };
    else
      yield {
        action: 'u',
        row: this.#keyed(this.encoder.changed(item), given),
        ...user,
        ...(hasOthers && { replaces: true }),
      };
    if (!hasOthers || additional === null) return;
    if (!Array.isArray(additional) || !additional.every(isJsonObject))
      throw unfit(item, 'additional', 'it is no list of records');
    for (const other of additional) yield { action: 'a', row: this.created(item, other, given), ...user };
  }

  protected created(item: ApplyItem, body: JsonObject, given: Record<string, string>): EncodedRow {
    const { realm, ids } = this.of;
    const id = textOf(body['id']) ?? (this.table.columns.get('id')?.type === 'uuid' ? ids.next() : undefined);
    return this.encoder.created(item, body, {
      ...given,
      ...(this.table.columns.has('realm_name') && { realm_name: realm }),
      ...(id !== undefined && { id }),
    });
  }

  /** Fills the key's columns in, to be compared, not to be written. */
  #keyed({ cells, ...encoded }: EncodedRow, given: Readonly<Record<string, string>>): EncodedRow {
    const keyed = cells.map((text, i) => {
      const part = given[this.encoder.columns[i]!.name];
      return part === undefined ? text : cell(part);
    });
    return { cells: keyed, ...encoded };
  }

  /** Finds the rows that are there. @throws AppError TARGET_CHANGED for one that is gone, or there although it should not be */
  async locate(): Promise<void> {
    if (!this.stage) return;
    await this.stage.analyze();
    if (this.of.isNew) return;
    await this.session.execute(
      `UPDATE ${this.stage.sql} AS s SET ${row} = f.id FROM (${this.located()}) AS f (n, id) WHERE f.n = s.${n} AND s.${does} <> 'a'`,
      this.locatedBy(),
    );
    // The rows' ids are new to the planner, which would take them for none and compare every two rows.
    await this.stage.analyze();
    const keys = this.at.key.map((name) => (name === '#user' ? `s.${user}` : `s.${quoted(name)}`));
    const [strange] = await this.session.query<Record<string, string>>(
      `SELECT s.${does} AS action, ${keys.map((key, i) => `${key} AS key${i}`).join(', ')} FROM ${this.stage.sql} AS s
       WHERE CASE WHEN s.${does} = 'c' THEN s.${row} IS NOT NULL ELSE s.${does} <> 'a' AND s.${row} IS NULL END
       ORDER BY s.${n} LIMIT 1`,
    );
    if (!strange) return;
    const key = keys.map((_key, i) => strange[`key${i}`]).join('\u0000');
    throw recordChanged({
      section: this.section,
      key,
      action: strange['action'] === 'c' ? 'create' : strange['action'] === 'u' ? 'update' : 'delete',
    });
  }

  /** A query for the item's number and the id of the row that is there. */
  protected located(): string {
    const conditions = this.at.key.map((name) => `t.${quoted(name)} = s.${quoted(name)}`);
    return `SELECT s.${n}, t.id FROM ${this.stageSql} AS s JOIN ${this.table.sql} AS t
            ON ${this.ofRealm('t')} AND ${conditions.join(' AND ')}`;
  }

  protected locatedBy(): string[] {
    return this.table.columns.has('realm_name') ? [this.of.realm] : [];
  }

  /** A condition with the realm as the first parameter, where the table has it. */
  protected ofRealm(alias: string): string {
    return this.table.columns.has('realm_name') ? `${alias}.realm_name = $1` : 'true';
  }

  protected get stageSql(): string {
    return this.stage!.sql;
  }

  /** What has to go before the rows do. */
  protected async deleteDependents(): Promise<void> {
    // Most have none.
  }

  async delete(): Promise<void> {
    if (this.count.d === 0) return;
    await this.deleteDependents();
    const deleted = await this.session.execute(
      `DELETE FROM ${this.table.sql} AS t USING ${this.stageSql} AS s WHERE t.id = s.${row} AND s.${does} = 'd'`,
    );
    requireCount(deleted, this.count.d, `deletions of ${this.section}`);
  }

  async update(): Promise<void> {
    const written = this.encoder.columns.filter((_column, i) =>
      [...this.#updates].some((bits) => bits[i] === '1'),
    );
    if (written.length === 0) return;
    const always = this.#updates.size === 1;
    const columns = this.encoder.columns.map(({ name }) => name);
    const changes = written.map(({ name }) => {
      const column = quoted(name);
      return always
        ? `${column} = s.${column}`
        : `${column} = CASE WHEN get_bit(s.${set}, ${columns.indexOf(name)}) = 1 THEN s.${column} ELSE t.${column} END`;
    });
    if (columns.includes('updated_at')) changes.push('updated_at = now()');
    const hasChanges = `position(B'1' IN s.${set}) > 0`;
    const [expected] = await this.session.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${this.stageSql} AS s WHERE s.${does} = 'u' AND ${hasChanges}`,
    );
    const updated = await this.session.execute(
      `UPDATE ${this.table.sql} AS t SET ${changes.join(', ')} FROM ${this.stageSql} AS s
       WHERE t.id = s.${row} AND s.${does} = 'u' AND ${hasChanges}`,
    );
    requireCount(updated, expected!.rows, `changes of ${this.section}`);
  }

  async insert(): Promise<void> {
    const { hangsOnUser } = this.at;
    for (const [bits, rows] of this.#insertions) {
      const columns = this.encoder.columns
        .filter((_column, i) => bits[i] === '1')
        .map(({ name }) => quoted(name));
      const values = columns.map((name) => `s.${name}`);
      const from = hangsOnUser
        ? `${this.stageSql} AS s JOIN ${this.of.table('users').sql} AS u ON u.realm_name = $1 AND u.username = s.${user}`
        : `${this.stageSql} AS s`;
      const inserted = await this.session.execute(
        `INSERT INTO ${this.table.sql} (${[...columns, ...(hangsOnUser ? [quoted(hangsOnUser)] : [])].join(', ')})
         SELECT ${[...values, ...(hangsOnUser ? ['u.id'] : [])].join(', ')} FROM ${from}
         WHERE s.${does} IN ('c', 'a') AND s.${set} = B'${bits}'`,
        hangsOnUser ? [this.of.realm] : [],
      );
      requireCount(inserted, rows, `new records of ${this.section}`);
    }
  }

  /**
   * Inserts the rows with their own ids where these are free. Where nothing of the realm was there that is likely so, and
   * is tried first: to look for each costs as much as to write it.
   */
  protected async insertWithFreeIds(insert: () => Promise<void>): Promise<void> {
    if (this.count.c + this.count.a === 0) return;
    if (this.of.isNew && !this.#idsAreTaken) {
      if (await insertedWithOwnIds(this.session, insert)) return;
      this.#idsAreTaken = true;
    }
    await this.#replaceTakenIds();
    await insert();
  }

  /**
   * Gives new ids to rows whose own are taken. Only where nobody refers to them. Of several rows of one key that are of one
   * time, the one with the greatest id is the record (`CredentialsSection`), and is to stay it.
   */
  async #replaceTakenIds(): Promise<void> {
    if (this.table.columns.get('id')?.type !== 'uuid') return;
    const salt = this.of.ids.next();
    await this.session.execute(
      `UPDATE ${this.stageSql} AS s
       SET id = overlay(md5($1 || s.id::text || s.ctid::text)
                        PLACING CASE s.${does} WHEN 'c' THEN 'ffff' ELSE '0000' END FROM 1)::uuid
       FROM (SELECT s.ctid AS place, row_number() OVER (PARTITION BY s.id ORDER BY s.ctid) AS nth, s.id
             FROM ${this.stageSql} AS s WHERE s.${does} IN ('c', 'a')) AS d
       WHERE s.ctid = d.place
         AND (d.nth > 1 OR EXISTS (SELECT FROM ${this.table.sql} AS t WHERE t.id = d.id))`,
      [salt],
    );
  }

  /** The records of several rows for one key: those beside the main one go where others are to take their place. */
  protected get anyReplaced(): string {
    return `s.${does} = 'u' AND s.${replaces}`;
  }

  /** Forgets what has been written, to stage more. */
  async restart(): Promise<void> {
    if (!this.stage) return;
    await this.stage.empty();
    this.count = { ...NO_ROWS };
    this.#insertions.clear();
    this.#updates.clear();
  }
}

/** Rows of which the same columns are to be written in the same way. */
interface StagedKind {
  readonly action: StagedAction;
  readonly set: string;
  rows: number;
}

export interface EncodedItems {
  readonly text: TextBlock;
  readonly kinds: readonly StagedKind[];
  /** The item of each row. */
  readonly rowItems: readonly ApplyItem[];
}

export interface StagedRow {
  readonly action: StagedAction;
  readonly row: EncodedRow;
  /** As a cell. */
  readonly user?: string;
  readonly replaces?: boolean;
}

/** @throws AppError UNSUPPORTED_BY_ROUTE for a member that this database has no column for: the planner's defect */
export function requireSupported(encoder: RowEncoder, item: ApplyItem): void {
  const member = encoder.foreignMember(item.body);
  if (member !== undefined)
    throw new AppError(
      'UNSUPPORTED_BY_ROUTE',
      `The database has no place for member “${member}” of “${displayKey(item.key)}” (${item.section}).`,
      {
        notChanged: 'Nothing was written.',
        remedy: 'Leave it out of the plan.',
        details: { section: item.section, key: displayKey(item.key), member },
      },
    );
}

export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
