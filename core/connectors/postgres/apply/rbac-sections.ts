import type { ApplyItem } from '../../connector.ts';
import type { JsonObject } from '../../../model/record.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { Session } from '../session.ts';
import { cell, CELL_END, NULL_CELL, ROW_END } from './copy-text.ts';
import { unfit, type EncodedRow } from './rows.ts';
import { StagedSection, textOf, type Applying } from './staged-section.ts';
import { sendRows, STAGED } from './stage.ts';
import { RoleWishes } from './role-wishes.ts';

const { n, action: does, row } = STAGED;

export class RolesSection extends StagedSection {
  constructor(of: Applying, session: Session) {
    super('roles', of, session);
  }

  protected override async deleteDependents(): Promise<void> {
    for (const name of ['user_role_mappings', 'group_role_mappings'] as const)
      await this.session.execute(
        `DELETE FROM ${this.of.table(name).sql} AS t USING ${this.stageSql} AS s
         WHERE t.role_id = s.${row} AND s.${does} = 'd'`,
      );
  }
}

/** Policies have no key in the database: the first of a name is the record, the others hang on it. */
export class PoliciesSection extends StagedSection {
  constructor(of: Applying, session: Session) {
    super('policies', of, session);
  }

  protected override located(): string {
    const inOrder = ['resource', 'action', 'effect', 'conditions::text'].map(
      (name) => `t.${name} COLLATE "C"`,
    );
    return `SELECT DISTINCT ON (s.${n}) s.${n}, t.id FROM ${this.stageSql} AS s
            JOIN ${this.table.sql} AS t ON t.realm_name = $1 AND t.name = s.name
            WHERE s.${does} <> 'a'
            ORDER BY s.${n}, ${inOrder.join(', ')}, t.id`;
  }

  protected override async deleteDependents(): Promise<void> {
    await this.#deleteOthers(`s.${does} = 'd'`);
  }

  override async update(): Promise<void> {
    await super.update();
    if (this.count.u > 0) await this.#deleteOthers(this.anyReplaced);
  }

  override async insert(): Promise<void> {
    await this.insertWithFreeIds(() => super.insert());
  }

  async #deleteOthers(condition: string): Promise<void> {
    await this.session.execute(
      `DELETE FROM ${this.table.sql} AS t USING ${this.stageSql} AS s
       WHERE t.realm_name = $1 AND t.name = s.name AND t.id <> s.${row} AND ${condition}`,
      [this.of.realm],
    );
  }
}

/** Group id and path, of all groups of the realm as they are now. */
const PATHS = 'pg_temp."drawbridge_group_paths"';
/** Item number and the path of the group that is to be above: empty for none, null for what the path tells. */
const PARENTS = 'pg_temp."drawbridge_group_parents"';
/** As `PATHS`, of the groups whose own row has no path, as they were before anything was changed. */
const UNTOLD = 'pg_temp."drawbridge_untold_paths"';
const MOST_WARNINGS = 20;

/**
 * Groups are known by their path. It may be empty in the database; then the groups above tell it. Two of one path are
 * one record, with the roles of both; the first by id is the one that is changed.
 */
export class GroupsSection extends StagedSection {
  readonly #wishes: RoleWishes;
  #created = 0;
  #hasParents = false;
  #hasUntold = false;

  constructor(of: Applying, session: Session) {
    super('groups', of, session);
    this.#wishes = new RoleWishes(of, session, 'group');
  }

  override async add(items: readonly ApplyItem[]): Promise<void> {
    const first = this.nextNumber;
    await super.add(items);
    await this.#wishes.add(items.map((item, i) => ({ number: first + i, item })));
    this.#created += items.filter(({ action }) => action === 'create').length;
    await this.#addParents(items, first);
  }

  async #addParents(items: readonly ApplyItem[], first: number): Promise<void> {
    let rows = '';
    const rowItems: ApplyItem[] = [];
    for (const [i, item] of items.entries()) {
      const { parent } = item.body;
      if (parent === undefined || item.action === 'delete') continue;
      if (parent !== null && (typeof parent !== 'string' || parent.includes('\0') || !parent.isWellFormed()))
        throw unfit(item, 'parent', 'it is no path of a group');
      rows += first + i + CELL_END + (parent === null ? NULL_CELL : cell(parent)) + ROW_END;
      rowItems.push(item);
    }
    if (rowItems.length === 0) return;
    if (!this.#hasParents)
      await this.session.query(`CREATE TEMPORARY TABLE ${PARENTS} (number int, above text) ON COMMIT DROP`);
    this.#hasParents = true;
    await sendRows(this.session, PARENTS, rows, rowItems);
  }

  /** A group's name is the end of its path, where nothing else is said. */
  protected override created(item: ApplyItem, body: JsonObject, given: Record<string, string>): EncodedRow {
    const name = textOf(body['name']) ?? item.key.slice(item.key.lastIndexOf('/') + 1);
    return super.created(item, body, { ...given, name });
  }

  override async locate(): Promise<void> {
    if (!this.stage) return;
    await this.session.query(
      `CREATE TEMPORARY TABLE ${PATHS} (id uuid, path text, parent uuid) ON COMMIT DROP`,
    );
    await this.#readPaths();
    await this.#noteUntold();
    await super.locate();
  }

  protected override located(): string {
    // The realm is the parameter of every query of this kind.
    return `SELECT DISTINCT ON (s.${n}) s.${n}, p.id FROM ${this.stageSql} AS s
            JOIN ${PATHS} AS p ON p.path = s.path AND $1::text IS NOT NULL
            ORDER BY s.${n}, p.id`;
  }

  async #readPaths(): Promise<void> {
    const told = `NULLIF(g.path, '')`;
    await this.session.query(`TRUNCATE ${PATHS}`);
    await this.session.execute(
      `INSERT INTO ${PATHS}
       WITH RECURSIVE own AS (SELECT g.id, g.name, g.parent_id, ${told} AS path FROM ${this.table.sql} AS g WHERE g.realm_name = $1),
       tree AS (
         SELECT g.id, coalesce(g.path, '/' || g.name)::text AS path FROM own AS g
         WHERE g.path IS NOT NULL OR NOT EXISTS (SELECT FROM own AS p WHERE p.id = g.parent_id)
         UNION ALL
         SELECT g.id, t.path || '/' || g.name FROM own AS g JOIN tree AS t ON t.id = g.parent_id WHERE g.path IS NULL
       )
       SELECT g.id, coalesce(t.path, '/' || g.name), g.parent_id FROM own AS g LEFT JOIN tree AS t ON t.id = g.id`,
      [this.of.realm],
    );
    await this.session.query(`ANALYZE ${PATHS}`);
  }

  async #noteUntold(): Promise<void> {
    await this.session.query(`CREATE TEMPORARY TABLE ${UNTOLD} (id uuid, path text) ON COMMIT DROP`);
    const untold = await this.session.execute(
      `INSERT INTO ${UNTOLD} SELECT p.id, p.path FROM ${PATHS} AS p JOIN ${this.table.sql} AS g ON g.id = p.id
       WHERE NULLIF(g.path, '') IS NULL`,
    );
    this.#hasUntold = untold > 0;
  }

  /**
   * A path that only the groups above told would change with these, and with it the key of a record that nobody meant:
   * from then on its own row tells it. `PATHS` are as of now, before and after.
   */
  async #keepUntold(): Promise<void> {
    if (!this.#hasUntold) return;
    const kept = await this.session.execute(
      `UPDATE ${this.table.sql} AS t SET path = u.path FROM ${UNTOLD} AS u JOIN ${PATHS} AS p ON p.id = u.id
       WHERE t.id = u.id AND p.path <> u.path`,
    );
    if (kept > 0) await this.#readPaths();
  }

  /** All of the path; those below that stay lose their parent. */
  protected override async deleteDependents(): Promise<void> {
    const gone = `SELECT p.id FROM ${PATHS} AS p JOIN ${this.stageSql} AS s ON s.path = p.path AND s.${does} = 'd'`;
    await this.session.execute(
      `DELETE FROM ${this.of.table('group_role_mappings').sql} WHERE group_id IN (${gone})`,
    );
    const main = `SELECT s.${row} FROM ${this.stageSql} AS s WHERE s.${does} = 'd'`;
    await this.session.execute(`UPDATE ${this.table.sql} SET parent_id = NULL WHERE parent_id IN (${gone})`);
    await this.session.execute(`DELETE FROM ${this.table.sql} WHERE id IN (${gone}) AND id NOT IN (${main})`);
  }

  override async insert(): Promise<void> {
    await super.insert();
    if (!this.stage) return;
    await this.#readPaths();
    await this.#keepUntold();
    if (this.#created > 0) await this.#findParents();
    if (this.#hasParents) await this.#setParents();
    if (this.#hasUntold) await this.#readPaths();
    await this.#keepUntold();
    if (this.#created > 0) await this.#warnOfOrphans();
  }

  /** Those that are new get the parent that their path tells; so do those that stood without theirs until now. */
  async #findParents(): Promise<void> {
    const isNew = `SELECT s.path FROM ${this.stageSql} AS s WHERE s.${does} = 'c'`;
    await this.session.execute(
      `UPDATE ${this.table.sql} AS t SET parent_id = f.parent
       FROM (SELECT c.id, min(p.id::text)::uuid AS parent
             FROM (SELECT p.id, ${pathAbove('p.path', 'g.name')} AS above, p.path
                   FROM ${PATHS} AS p JOIN ${this.table.sql} AS g ON g.id = p.id WHERE p.parent IS NULL) AS c
             JOIN ${PATHS} AS p ON p.path = c.above
             WHERE p.path IN (${isNew}) OR c.path IN (${isNew})
             GROUP BY c.id) AS f
       WHERE t.id = f.id AND t.id <> f.parent`,
    );
  }

  /** What paths do not tell is said by name, and goes before what they tell. */
  async #setParents(): Promise<void> {
    const wished = `SELECT g.id, s.path, w.above IS NOT NULL AS named, coalesce(w.above, ${pathAbove('s.path', 'g.name')}) AS above
      FROM ${PARENTS} AS w JOIN ${this.stageSql} AS s ON s.${n} = w.number
      JOIN ${this.table.sql} AS g ON g.id = CASE s.${does} WHEN 'c' THEN s.id ELSE s.${row} END`;
    await this.session.execute(
      `UPDATE ${this.table.sql} AS t
       SET parent_id = (SELECT p.id FROM ${PATHS} AS p WHERE p.path = f.above ORDER BY p.id LIMIT 1)
       FROM (${wished}) AS f WHERE t.id = f.id`,
    );
    const lost = await this.session.query<{ path: string; above: string }>(
      `SELECT f.path, f.above FROM (${wished}) AS f
       WHERE f.named AND f.above <> '' AND NOT EXISTS (SELECT FROM ${PATHS} AS p WHERE p.path = f.above)
       ORDER BY f.path COLLATE "C" LIMIT ${MOST_WARNINGS}`,
    );
    for (const { path, above } of lost)
      this.of.warnings.push(
        `The group “${displayKey(above)}”, below which “${displayKey(path)}” belongs, does not exist: it was written without one above.`,
      );
  }

  async #warnOfOrphans(): Promise<void> {
    const isTold = this.#hasParents ? `AND s.${n} NOT IN (SELECT number FROM ${PARENTS})` : '';
    const orphans = await this.session.query<{ path: string }>(
      `SELECT s.path FROM ${this.stageSql} AS s JOIN ${this.table.sql} AS t ON t.id = s.id
       WHERE s.${does} = 'c' AND t.parent_id IS NULL AND ${pathAbove('s.path', 's.name')} <> '' ${isTold}
       ORDER BY s.path COLLATE "C" LIMIT ${MOST_WARNINGS}`,
    );
    for (const { path } of orphans)
      this.of.warnings.push(
        `The group above “${displayKey(path)}” does not exist: it was created without one.`,
      );
  }

  /** Once the roles are there. */
  async mapRoles(): Promise<void> {
    if (!this.stage || !this.#wishes.hasAny) return;
    await this.#wishes.addWishersFrom(
      `SELECT s.${n}, p.id FROM ${this.stageSql} AS s JOIN ${PATHS} AS p ON p.path = s.path WHERE s.${does} <> 'd'`,
    );
    await this.#wishes.fulfil();
  }
}

/** The path without the name at its end, which may have a slash in it; empty at the top. */
function pathAbove(path: string, name: string): string {
  return `CASE WHEN right(${path}, length(${name}) + 1) = '/' || ${name}
               THEN left(${path}, -(length(${name}) + 1)) ELSE regexp_replace(${path}, '/?[^/]*$', '') END`;
}
