import type { Session } from '../session.ts';
import { compareKeys } from '../../../model/key-order.ts';
import { jsonQuery, jsonRows } from './json-rows.ts';
import { tableOf, type Reading } from './reading.ts';
import { RoleSets } from './role-sets.ts';
import { UuidTable, uuidText } from './uuid-table.ts';

const EXAMPLES = 5;
/** Where a row's first uuid stands: after the number of columns and a length. */
const USER_AT = 6;
/** And the second one's length; after it comes the second. */
const ROLE_LENGTH_AT = 22;
const ROLE_AT = 26;
const NULL_LENGTH = 0xff;
/** In place of a role's index, for one without a name. */
const NO_NAME = 0xffff_ffff;

/** Mappings that are left out, and why: counted, and some of them named. */
class LeftOut {
  readonly #why: string;
  #count = 0;
  readonly #users = new Set<string>();

  constructor(why: string) {
    this.#why = why;
  }

  add(mappings: number, user: () => string): void {
    this.#count += mappings;
    if (this.#users.size <= EXAMPLES) this.#users.add(user());
  }

  forget(): void {
    this.#count = 0;
    this.#users.clear();
  }

  warning(): string[] {
    if (this.#count === 0) return [];
    const mappings = this.#count === 1 ? 'One role mapping was' : `${this.#count} role mappings were`;
    const users = [...this.#users].slice(0, EXAMPLES).join(', ');
    const more = this.#users.size > EXAMPLES ? ', …' : '';
    return [
      `${mappings} left out: ${this.#why} (${this.#users.size === 1 ? 'user' : 'users'} ${users}${more}).`,
    ];
  }
}

/** A part of the realm's users by their ids: those above `after`, up to and with `upTo`. */
export interface IdRange {
  readonly after?: string;
  readonly upTo?: string;
}

/**
 * The role mappings of a realm. They stand in another database than the users and know these only by their ids, so they
 * are held in memory, as small as can be, while the users pass.
 */
export class RoleMappings {
  readonly #reading: Reading;
  readonly #session: Session;
  readonly #names: readonly string[];
  /** The role's index among the names, and one more. */
  readonly #roles: UuidTable;
  readonly #noUser = new LeftOut('no user of the realm has the id that they point to');
  readonly #noRole = new LeftOut('they point to roles that are not the realm’s');
  readonly #noName = new LeftOut('they point to roles with an empty name');
  readonly #otherRealm = new LeftOut(
    'they point to roles of this realm, but bear the name of another, so OpenGate does not count them',
  );

  private constructor(reading: Reading, names: readonly string[], roles: UuidTable) {
    this.#reading = reading;
    this.#session = reading.session('rbac');
    this.#names = names;
    this.#roles = roles;
  }

  static async of(reading: Reading): Promise<RoleMappings> {
    const table = tableOf(reading, 'roles').sql;
    const query = `SELECT id, name FROM ${table} WHERE realm_name = ${reading.realmSql}`;
    const rows: { id: string; name?: string }[] = [];
    for await (const some of jsonRows('roles', reading.copy(reading.session('rbac'), jsonQuery(query))))
      rows.push(...(some as typeof rows));
    const named = rows.filter(({ name }) => name).sort((a, b) => compareKeys(a.name!, b.name!));
    const ids = new UuidTable();
    const note = ({ id }: { id: string }, value: number): void => {
      const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
      ids.set(ids.place(bytes, 0), bytes, 0, value);
    };
    named.forEach((row, index) => note(row, index + 1));
    for (const row of rows) if (!row.name) note(row, NO_NAME);
    return new RoleMappings(
      reading,
      named.map(({ name }) => name!),
      ids,
    );
  }

  /** @returns undefined when there are too many to be held at once */
  async all(): Promise<RoleSets | undefined> {
    return await this.#load({}, new RoleSets(this.#names, this.#reading.limits));
  }

  /**
   * The users' ids in ranges, each with as many mappings as can be held for certain (a set comes with a mapping), and
   * those mappings. It takes a query more for each range, but only one connection to each database, and no second order
   * of the users.
   */
  async *inRanges(): AsyncGenerator<{ readonly range: IdRange; readonly sets: RoleSets }> {
    const { sets, users } = this.#reading.limits;
    const mappings = Math.max(1, Math.min(sets, users));
    for (let after: string | undefined, last = false; !last;) {
      const upTo = await this.#end(after, mappings);
      const range = { ...(after !== undefined && { after }), ...(upTo !== undefined && { upTo }) };
      // One user may have more roles than a range is to have mappings.
      const unlimited = new RoleSets(this.#names, { users: Infinity, sets: Infinity });
      yield { range, sets: (await this.#load(range, unlimited))! };
      after = upTo;
      last = upTo === undefined;
    }
  }

  /** Call it when the users have passed to whom these belong. */
  noteStrangers(sets: RoleSets): void {
    sets.strangers((mappings, id) => this.#noUser.add(mappings, id));
  }

  warnings(): string[] {
    return [this.#noUser, this.#noRole, this.#noName, this.#otherRealm].flatMap((each) => each.warning());
  }

  async #end(after: string | undefined, mappings: number): Promise<string | undefined> {
    const [row] = await this.#session.query<{ id: string }>(
      `SELECT user_id::text AS id FROM ${this.#from({ ...(after !== undefined && { after }) })}
       ORDER BY user_id OFFSET ${mappings - 1} LIMIT 1`,
    );
    return row?.id;
  }

  async #load(range: IdRange, sets: RoleSets): Promise<RoleSets | undefined> {
    const { realmSql } = this.#reading;
    const copy = this.#reading.copy(
      this.#session,
      `SELECT user_id, CASE WHEN realm_name = ${realmSql} THEN role_id END FROM ${this.#from(range)}`,
    );
    let fits = true;
    await copy.each((bytes, start) => {
      const user = start + USER_AT;
      if (bytes[start + ROLE_LENGTH_AT] === NULL_LENGTH) {
        this.#otherRealm.add(1, () => uuidText(bytes, user));
        return true;
      }
      const role = this.#roles.valueAt(this.#roles.place(bytes, start + ROLE_AT));
      if (role === 0) this.#noRole.add(1, () => uuidText(bytes, user));
      else if (role === NO_NAME) this.#noName.add(1, () => uuidText(bytes, user));
      else fits = sets.add(bytes, user, role - 1);
      return fits;
    });
    if (fits) return sets;
    await copy.drain();
    for (const leftOut of [this.#noRole, this.#noName, this.#otherRealm]) leftOut.forget();
    return undefined;
  }

  /** The mappings that bear the realm's name, as OpenGate asks for them, and any others of its roles. */
  #from({ after, upTo }: IdRange): string {
    const { realmSql } = this.#reading;
    return `${tableOf(this.#reading, 'user_role_mappings').sql}
      WHERE (realm_name = ${realmSql}
             OR role_id IN (SELECT id FROM ${tableOf(this.#reading, 'roles').sql} WHERE realm_name = ${realmSql}))
            ${within('user_id', { after, upTo })}`;
  }
}

/** As a further condition. */
export function within(
  column: string,
  { after, upTo }: { after?: string | undefined; upTo?: string | undefined },
): string {
  const conditions = [
    ...(after === undefined ? [] : [` AND ${column} > '${after}'`]),
    ...(upTo === undefined ? [] : [` AND ${column} <= '${upTo}'`]),
  ];
  return conditions.join('');
}
