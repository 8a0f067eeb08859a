import type { ApplyItem } from '../../connector.ts';
import type { Table } from '../layout.ts';
import type { Session } from '../session.ts';
import { CELL_END, cell, ROW_END } from './copy-text.ts';
import type { Lane } from './lane.ts';
import { wishedRoles } from './role-names.ts';
import { ensureRoles } from './role-wishes.ts';
import { RowEncoder } from './rows.ts';
import { quoted } from '../quoted.ts';
import { TextBlock } from './text-block.ts';
import { finishedCells } from './server-values.ts';
import type { Applying } from './staged-section.ts';
import { sendRows } from './stage.ts';

/** A session, and the order of work on it. */
export interface LaneOn {
  readonly session: Session;
  readonly lane: Lane;
}

interface Rows {
  readonly text: TextBlock;
  readonly items: ApplyItem[];
}

/**
 * Users of a realm of which nothing is there: by COPY straight into their table, and at the same time their role mappings
 * into that of the other database, as the ids of both are decided here. That is what `pg_dump` does, and what takes the
 * server least.
 */
export class BulkUsers {
  readonly #of: Applying;
  readonly #users: LaneOn;
  /** Undefined: there is no service of roles, and no user brings any. */
  readonly #rbac: LaneOn | undefined;
  readonly #table: Table;
  readonly #encoder: RowEncoder;
  #roles: Map<string, string> | undefined;

  constructor(of: Applying, users: LaneOn, rbac: LaneOn | undefined) {
    this.#of = of;
    this.#users = users;
    this.#rbac = rbac;
    this.#table = of.table('users');
    this.#encoder = new RowEncoder('users', this.#table);
  }

  async add(items: readonly ApplyItem[]): Promise<void> {
    const wished = items.map((item) => wishedRoles(item));
    const roles = this.#rbac ? await this.#rolesOf(this.#rbac, wished) : new Map<string, string>();
    const { byColumns, mappings } = await this.#encoded(items, wished, roles);
    await this.#users.lane.begin(async () => {
      for (const [set, { text, items: of }] of byColumns)
        await sendRows(this.#users.session, `${this.#table.sql} (${this.#columns(set)})`, text.bytes, of);
    });
    if (this.#rbac && mappings.items.length > 0) {
      const { session, lane } = this.#rbac;
      await lane.begin(() => sendRows(session, this.#mappingColumns(), mappings.text.bytes, mappings.items));
    }
  }

  async #encoded(
    items: readonly ApplyItem[],
    wished: readonly (readonly string[])[],
    roles: ReadonlyMap<string, string>,
  ): Promise<{ byColumns: Map<string, Rows>; mappings: Rows }> {
    const byColumns = new Map<string, Rows>();
    const mappings: Rows = { text: new TextBlock(), items: [] };
    const withIds = this.#mappingHasIds();
    const realm = cell(this.#of.realm) + ROW_END;
    for (const [i, item] of items.entries()) {
      const own = item.body['id'];
      const id = typeof own === 'string' ? own : this.#of.ids.next();
      const given = { id, username: item.key, realm_name: this.#of.realm };
      const row = this.#encoder.created(item, item.body, given);
      const cells = row.fromServer
        ? await finishedCells(this.#users.session, this.#table, item, row)
        : row.cells;
      const rows = byColumns.get(row.set) ?? { text: new TextBlock(), items: [] };
      byColumns.set(row.set, rows);
      rows.text.append(cells.filter((_cell, i) => row.set[i] === '1').join(CELL_END) + ROW_END);
      rows.items.push(item);
      for (const role of wished[i]!) {
        const mapping = cell(id) + CELL_END + roles.get(role)! + CELL_END + realm;
        mappings.text.append(withIds ? this.#of.ids.next() + CELL_END + mapping : mapping);
        mappings.items.push(item);
      }
    }
    return { byColumns, mappings };
  }

  #columns(set: string): string {
    return this.#encoder.columns
      .filter((_column, i) => set[i] === '1')
      .map(({ name }) => quoted(name))
      .join(', ');
  }

  #mappingHasIds(): boolean {
    return (
      this.#rbac !== undefined && this.#of.table('user_role_mappings').columns.get('id')?.type === 'uuid'
    );
  }

  #mappingColumns(): string {
    const columns = [...(this.#mappingHasIds() ? ['id'] : []), 'user_id', 'role_id', 'realm_name'];
    return `${this.#of.table('user_role_mappings').sql} (${columns.map(quoted).join(', ')})`;
  }

  /** The realm's roles, with those that these users are the first to name. */
  async #rolesOf(
    { session, lane }: LaneOn,
    wished: readonly (readonly string[])[],
  ): Promise<Map<string, string>> {
    const known = this.#roles;
    if (known && wished.every((roles) => roles.every((role) => known.has(role)))) return known;
    await lane.settled();
    return (this.#roles = await ensureRoles(session, this.#of, new Set(wished.flat())));
  }
}
