import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApplyItem } from '../../connector.ts';
import type { Session } from '../session.ts';
import { BulkRows } from './bulk-rows.ts';
import { quickDeletion } from './cascade-index.ts';
import { requireCount } from './apply-errors.ts';
import { cell } from './copy-text.ts';
import { ITEMS_A_TURN } from './lane.ts';
import type { OwnerIds } from './owner-ids.ts';
import { finishedCells } from './server-values.ts';
import { StagedSection, type Applying } from './staged-section.ts';
import { STAGED } from './stage.ts';

const { n, action: does, set, row, user } = STAGED;

export class UsersSection extends StagedSection {
  constructor(of: Applying, session: Session) {
    super('users', of, session);
  }

  get deletions(): number {
    return this.count.d;
  }

  /** A table of one column: the ids of users that are to be deleted, once they were located. */
  get deletedRowsSql(): string {
    return `(SELECT ${row} FROM ${this.stageSql} WHERE ${does} = 'd')`;
  }

  /** The foreign keys' cascade may be missing, and where it is there it reads both tables whole for every user. */
  protected override async deleteDependents(): Promise<void> {
    await quickDeletion(this.session, this.of, this.count.d);
    for (const name of ['user_credentials', 'user_social_links'] as const)
      await this.session.execute(
        `DELETE FROM ${this.of.table(name).sql} AS t USING ${this.stageSql} AS s
         WHERE t.user_id = s.${row} AND s.${does} = 'd'`,
      );
  }

  /**
   * An e-mail address that goes from one user to another would be there twice for a moment, and the constraint looks at
   * every row: those that others want are put aside first.
   */
  override async update(): Promise<void> {
    const bit = this.encoder.columns.findIndex(({ name }) => name === 'email');
    const isSet = (alias: string) => `${alias}.${does} = 'u' AND get_bit(${alias}.${set}, ${bit}) = 1`;
    if (this.count.u > 0 && bit >= 0)
      await this.session.execute(
        `UPDATE ${this.table.sql} AS t SET email = 'moving-' || t.id::text
         FROM ${this.stageSql} AS s
         WHERE t.id = s.${row} AND ${isSet('s')}
           AND t.email IN (SELECT w.email FROM ${this.stageSql} AS w WHERE ${isSet('w')})`,
      );
    await super.update();
  }

  /** The number and id of each user that is to be changed, by `fetch` of so many at once. */
  async *idsOfChanged(): AsyncGenerator<readonly UserId[]> {
    yield* this.#ids(`s.${does} = 'u'`);
  }

  async *idsOfDeleted(): AsyncGenerator<readonly UserId[]> {
    yield* this.#ids(`s.${does} = 'd'`);
  }

  async *#ids(condition: string): AsyncGenerator<readonly UserId[]> {
    if (!this.stage) return;
    yield* fetched(
      this.session,
      `SELECT s.${n} AS number, s.${row}::text AS id FROM ${this.stageSql} AS s WHERE ${condition}`,
    );
  }
}

export interface UserId {
  readonly number: number;
  readonly id: string;
}

const FETCHED_AT_ONCE = 5_000;

/** The rows of a query by a cursor of the open transaction: other statements may come in between. */
export async function* fetched<Row extends object>(session: Session, sql: string): AsyncGenerator<Row[]> {
  await session.query(`DECLARE drawbridge_rows NO SCROLL CURSOR FOR ${sql}`);
  for (;;) {
    const rows = await session.query<Row>(`FETCH ${FETCHED_AT_ONCE} FROM drawbridge_rows`);
    if (rows.length > 0) yield rows;
    if (rows.length < FETCHED_AT_ONCE) break;
  }
  await session.query('CLOSE drawbridge_rows');
}

/** Credentials have no key in the database: the newest of a user and type is the record, the others hang on it. */
export class CredentialsSection extends StagedSection {
  constructor(of: Applying, session: Session) {
    super('credentials', of, session);
  }

  /**
   * New credentials as rows of the table, of users that have just been written.
   *
   * @returns undefined when somebody's id is not known: they are staged then
   */
  async rowsOfNew(items: readonly ApplyItem[], owners: OwnerIds): Promise<BulkRows | undefined> {
    const columns = [...this.encoder.columns.map(({ name }) => name), 'user_id'];
    const rows = new BulkRows(this.table.sql, columns);
    for (const [i, item] of items.entries()) {
      if (i % ITEMS_A_TURN === 0) await nextTurn();
      const owner = owners.find(item.key.slice(0, item.key.indexOf('\u0000')));
      if (owner === undefined) return undefined;
      for (const { row } of this.rowsOf(item)) {
        const cells = row.fromServer ? await finishedCells(this.session, this.table, item, row) : row.cells;
        rows.append([...cells, cell(owner)], `${row.set}1`, item);
      }
    }
    return rows;
  }

  protected override located(): string {
    return `SELECT DISTINCT ON (s.${n}) s.${n}, t.id ${this.#joined}
            WHERE s.${does} <> 'a'
            ORDER BY s.${n}, t.updated_at DESC NULLS LAST, t.created_at DESC NULLS LAST, t.id DESC`;
  }

  protected override locatedBy(): string[] {
    return [this.of.realm];
  }

  get #joined(): string {
    return `FROM ${this.stageSql} AS s
            JOIN ${this.of.table('users').sql} AS u ON u.realm_name = $1 AND u.username = s.${user}
            JOIN ${this.table.sql} AS t ON t.user_id = u.id AND t.credential_type = s.credential_type`;
  }

  /** The others of the same user and type. */
  protected override async deleteDependents(): Promise<void> {
    await this.#deleteOthers(`s.${does} = 'd'`);
  }

  override async update(): Promise<void> {
    await super.update();
    if (this.count.u === 0) return;
    await this.#deleteOthers(this.anyReplaced);
    // The newest is the record: it must not become older than the others that are put beside it.
    await this.session.execute(
      `UPDATE ${this.table.sql} AS t SET updated_at = now() FROM ${this.stageSql} AS s
       WHERE t.id = s.${row} AND ${this.anyReplaced} AND t.updated_at IS DISTINCT FROM now()`,
    );
  }

  override async insert(): Promise<void> {
    await this.insertWithFreeIds(() => super.insert());
  }

  async #deleteOthers(condition: string): Promise<void> {
    await this.session.execute(
      `DELETE FROM ${this.table.sql} AS t USING ${this.stageSql} AS s, ${this.table.sql} AS m
       WHERE m.id = s.${row} AND ${condition}
         AND t.user_id = m.user_id AND t.credential_type = m.credential_type AND t.id <> m.id`,
    );
  }
}

export class SocialLinksSection extends StagedSection {
  #freed = '';

  constructor(of: Applying, session: Session) {
    super('socialLinks', of, session);
  }

  /** Links of users that are to be deleted go with them, and are free for others. */
  freedBy(users: UsersSection): void {
    if (users.deletions === 0) return;
    this.#freed = `WHERE NOT (s.${does} = 'c' AND EXISTS (SELECT FROM ${users.deletedRowsSql} AS d (id) WHERE d.id = t.user_id))`;
  }

  protected override located(): string {
    return `SELECT s.${n}, t.id FROM ${this.stageSql} AS s
            JOIN ${this.table.sql} AS t ON t.provider = s.provider AND t.provider_user_id = s.provider_user_id
            JOIN ${this.of.table('users').sql} AS u ON u.id = t.user_id AND u.realm_name = $1 ${this.#freed}`;
  }

  protected override locatedBy(): string[] {
    return [this.of.realm];
  }

  override async update(): Promise<void> {
    await super.update();
    if (this.count.u === 0) return;
    const [expected] = await this.session.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${this.stageSql} AS s WHERE s.${does} = 'u' AND s.${user} IS NOT NULL`,
    );
    const moved = await this.session.execute(
      `UPDATE ${this.table.sql} AS t SET user_id = u.id
       FROM ${this.stageSql} AS s, ${this.of.table('users').sql} AS u
       WHERE t.id = s.${row} AND s.${does} = 'u' AND u.realm_name = $1 AND u.username = s.${user}`,
      [this.of.realm],
    );
    requireCount(moved, expected!.rows, 'users of social links');
  }

  override async insert(): Promise<void> {
    await this.insertWithFreeIds(() => super.insert());
  }
}
