import type { ApplyItem } from '../../connector.ts';
import type { Session } from '../session.ts';
import { cell, CELL_END, NULL_CELL, ROW_END } from './copy-text.ts';
import { wishedRoles } from './role-names.ts';
import { quoted } from '../quoted.ts';
import type { Applying } from './staged-section.ts';
import { sendRows } from './stage.ts';

const MAPPINGS = {
  user: { table: 'user_role_mappings', owner: 'user_id' },
  group: { table: 'group_role_mappings', owner: 'group_id' },
} as const;

/**
 * Which roles users or groups that exist are to have. Mappings that are there and are wished stay as they are; roles
 * that do not exist are created, as OpenGate does it (OpenGate documentation, Import/Export page).
 */
export class RoleWishes {
  readonly #of: Applying;
  readonly #session: Session;
  readonly #kind: keyof typeof MAPPINGS;
  /** Role name → its number here. */
  readonly #roles = new Map<string, number>();
  #begun = false;

  constructor(of: Applying, session: Session, kind: keyof typeof MAPPINGS) {
    this.#of = of;
    this.#session = session;
    this.#kind = kind;
  }

  get hasAny(): boolean {
    return this.#begun;
  }

  /** Number of an item and number of a role; with null for each item, that there is a wish, were it for no roles. */
  get #wishes(): string {
    return `pg_temp."drawbridge_${this.#kind}_wishes"`;
  }

  /** Number of an item and id of who it is about. */
  get #wishers(): string {
    return `pg_temp."drawbridge_${this.#kind}_wishers"`;
  }

  /** Number of a role and its id. */
  get #wished(): string {
    return `pg_temp."drawbridge_${this.#kind}_wished"`;
  }

  /** Items without a member `roles`, and deletions, wish nothing. */
  async add(items: readonly { readonly number: number; readonly item: ApplyItem }[]): Promise<void> {
    let rows = '';
    const rowItems: ApplyItem[] = [];
    for (const { number, item } of items) {
      if (!wishesRoles(item)) continue;
      for (const role of [undefined, ...wishedRoles(item)]) {
        rows += number + CELL_END + (role === undefined ? NULL_CELL : this.#numberOf(role)) + ROW_END;
        rowItems.push(item);
      }
    }
    if (rowItems.length === 0) return;
    await this.#begin();
    await sendRows(this.#session, this.#wishes, rows, rowItems);
  }

  /** Those without a wish may be among them. */
  async addWishers(wishers: readonly { readonly number: number; readonly id: string }[]): Promise<void> {
    if (wishers.length === 0 || !this.#begun) return;
    const rows = wishers.map(({ number, id }) => number + CELL_END + cell(id) + ROW_END).join('');
    await sendRows(this.#session, this.#wishers, rows, []);
  }

  /** @param query for the numbers of items and ids of who they are about, as `addWishers` */
  async addWishersFrom(query: string): Promise<void> {
    await this.#session.execute(`INSERT INTO ${this.#wishers} ${query}`);
  }

  async #begin(): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    for (const [table, columns] of [
      [this.#wishes, 'n int, r int'],
      [this.#wishers, 'n int, id uuid'],
      [this.#wished, 'r int, id uuid'],
    ])
      await this.#session.query(`CREATE TEMPORARY TABLE ${table} (${columns}) ON COMMIT DROP`);
  }

  #numberOf(role: string): number {
    let number = this.#roles.get(role);
    if (number === undefined) this.#roles.set(role, (number = this.#roles.size));
    return number;
  }

  /** Makes it so. Everybody who wishes is known by now. */
  async fulfil(): Promise<void> {
    if (!this.#begun) return;
    const roles = await ensureRoles(this.#session, this.#of, this.#roles.keys());
    const rows = [...this.#roles].map(([name, r]) => r + CELL_END + roles.get(name)! + ROW_END).join('');
    await sendRows(this.#session, this.#wished, rows, []);
    for (const table of [this.#wishes, this.#wishers, this.#wished])
      await this.#session.query(`ANALYZE ${table}`);
    await this.#session.query(
      `DELETE FROM ${this.#wishers} WHERE n NOT IN (SELECT n FROM ${this.#wishes} WHERE r IS NULL)`,
    );
    await this.#removeUnwished();
    await this.#addMissing();
  }

  async #removeUnwished(): Promise<void> {
    const { table, owner } = MAPPINGS[this.#kind];
    await this.#session.execute(
      `DELETE FROM ${this.#of.table(table).sql} AS m
       USING ${this.#wishers} AS w, ${this.#of.table('roles').sql} AS r
       WHERE m.${owner} = w.id AND r.id = m.role_id AND r.realm_name = $1
         AND NOT EXISTS (SELECT FROM ${this.#wishes} AS x JOIN ${this.#wished} AS y ON y.r = x.r
                         WHERE x.n = w.n AND y.id = m.role_id)`,
      [this.#of.realm],
    );
  }

  async #addMissing(): Promise<void> {
    const { table, owner } = MAPPINGS[this.#kind];
    const mappings = this.#of.table(table);
    const all = `${this.#wishes} AS x JOIN ${this.#wished} AS y ON y.r = x.r JOIN ${this.#wishers} AS w ON w.n = x.n`;
    const ofUser = this.#kind === 'user';
    // A mapping that bears another realm's name is none to OpenGate; there cannot be a second one beside it.
    if (ofUser)
      await this.#session.execute(
        `UPDATE ${mappings.sql} AS m SET realm_name = $1 FROM ${all}
         WHERE m.user_id = w.id AND m.role_id = y.id AND m.realm_name <> $1`,
        [this.#of.realm],
      );
    const id = mappings.columns.get('id');
    const values = {
      ...(id &&
        !id.hasDefault && { id: 'md5($1::text || random()::text || x.n || w.id::text || y.id::text)::uuid' }),
      [owner]: 'w.id',
      role_id: 'y.id',
      ...(ofUser && { realm_name: '$1::text' }),
    };
    // Two groups of one path are one: it is enough that one of them has the role.
    await this.#session.execute(
      `INSERT INTO ${mappings.sql} (${Object.keys(values).map(quoted).join(', ')})
       SELECT ${ofUser ? '' : 'DISTINCT ON (x.n, y.id) '}${Object.values(values).join(', ')} FROM ${all}
       WHERE $1::text IS NOT NULL
         AND NOT EXISTS (SELECT FROM ${mappings.sql} AS m JOIN ${this.#wishers} AS v ON v.id = m.${owner}
                         WHERE v.n = x.n AND m.role_id = y.id)
       ${ofUser ? '' : 'ORDER BY x.n, y.id, w.id'}`,
      [this.#of.realm],
    );
  }
}

export function wishesRoles({ action, body }: ApplyItem): boolean {
  return action !== 'delete' && body['roles'] !== undefined;
}

/** The realm's roles of these names, created where they are missing. @returns name → id */
export async function ensureRoles(
  session: Session,
  of: Applying,
  names: Iterable<string>,
): Promise<Map<string, string>> {
  const { sql } = of.table('roles');
  const rows = await session.query<{ id: string; name: string }>(
    `SELECT id::text, name::text FROM ${sql} WHERE realm_name = $1`,
    [of.realm],
  );
  const roles = new Map(rows.map(({ id, name }) => [name, id]));
  const missing = [...new Set(names)].filter((name) => !roles.has(name));
  if (missing.length === 0) return roles;
  const ids = missing.map(() => of.ids.next());
  await session.execute(
    `INSERT INTO ${sql} (id, realm_name, name) SELECT id, $1, name FROM unnest($2::uuid[], $3::text[]) AS new (id, name)`,
    [of.realm, ids, missing],
  );
  missing.forEach((name, i) => roles.set(name, ids[i]!));
  return roles;
}
