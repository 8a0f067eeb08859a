import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApplyItem } from '../../connector.ts';
import type { Table } from '../layout.ts';
import { BulkRows } from './bulk-rows.ts';
import { cell } from './copy-text.ts';
import type { OwnerIds } from './owner-ids.ts';
import { wishedRoles } from './role-names.ts';
import { ITEMS_A_TURN, type LaneOn } from './lane.ts';
import { ensureRoles } from './role-wishes.ts';
import { RowEncoder } from './rows.ts';
import { finishedCells } from './server-values.ts';
import type { Applying } from './staged-section.ts';

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
  /** Learns who was written with which id. */
  readonly #owners: OwnerIds;
  #roles: Map<string, string> | undefined;

  constructor(of: Applying, users: LaneOn, rbac: LaneOn | undefined, owners: OwnerIds) {
    this.#of = of;
    this.#users = users;
    this.#rbac = rbac;
    this.#table = of.table('users');
    this.#encoder = new RowEncoder('users', this.#table);
    this.#owners = owners;
  }

  async add(items: readonly ApplyItem[]): Promise<void> {
    const wished = items.map((item) => wishedRoles(item));
    const roles = this.#rbac ? await this.#rolesOf(this.#rbac, wished) : new Map<string, string>();
    const rows = await this.#encoded(items, wished, roles);
    await this.#users.lane.begin(() => rows.users.send(this.#users.session));
    if (this.#rbac) {
      const { session, lane } = this.#rbac;
      await lane.begin(() => rows.mappings.send(session));
    }
  }

  async #encoded(
    items: readonly ApplyItem[],
    wished: readonly (readonly string[])[],
    roles: ReadonlyMap<string, string>,
  ): Promise<{ users: BulkRows; mappings: BulkRows }> {
    const columns = this.#encoder.columns.map(({ name }) => name);
    const users = new BulkRows(this.#table.sql, columns);
    const withIds = this.#mappingHasIds();
    const ofMapping = [...(withIds ? ['id'] : []), 'user_id', 'role_id', 'realm_name'];
    const mappings = new BulkRows(this.#rbac ? this.#of.table('user_role_mappings').sql : '', ofMapping);
    const all = '1'.repeat(ofMapping.length);
    const realm = cell(this.#of.realm);
    for (const [i, item] of items.entries()) {
      if (i % ITEMS_A_TURN === 0) await nextTurn();
      const wishedId = item.body['id'];
      const id = typeof wishedId === 'string' ? wishedId : this.#of.ids.next();
      const given = { id, username: item.key, realm_name: this.#of.realm };
      const row = this.#encoder.created(item, item.body, given);
      const cells = row.fromServer
        ? await finishedCells(this.#users.session, this.#table, item, row)
        : row.cells;
      users.append(cells, row.set, item);
      this.#owners.add(item.key, id);
      const own = cell(id);
      for (const role of wished[i]!)
        mappings.append(
          withIds ? [this.#of.ids.next(), own, roles.get(role)!, realm] : [own, roles.get(role)!, realm],
          all,
          item,
        );
    }
    return { users, mappings };
  }

  #mappingHasIds(): boolean {
    return (
      this.#rbac !== undefined && this.#of.table('user_role_mappings').columns.get('id')?.type === 'uuid'
    );
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
