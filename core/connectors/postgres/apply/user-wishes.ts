import type { ApplyItem } from '../../connector.ts';
import type { Session } from '../session.ts';
import { cell, ROW_END } from './copy-text.ts';
import { RoleWishes, wishesRoles } from './role-wishes.ts';
import type { Applying } from './staged-section.ts';
import { sendRows } from './stage.ts';
import type { UserId, UsersSection } from './user-sections.ts';

const GONE = 'pg_temp."drawbridge_gone_users"';

/** What a change of users means for their role mappings, which stand in another database and know users by id only. */
export class UserMappings {
  readonly #of: Applying;
  readonly #session: Session;
  readonly #wishes: RoleWishes;
  #anyGone = false;

  constructor(of: Applying, session: Session) {
    this.#of = of;
    this.#session = session;
    this.#wishes = new RoleWishes(of, session, 'user');
  }

  /** @param items with their ids where they are new */
  async add(items: readonly ApplyItem[], first: number): Promise<void> {
    // Who is new has no mappings to be kept: an earlier user of the same id may have left some behind.
    const numbered = items.map((item, i) => ({
      number: first + i,
      item:
        item.action === 'create' && !wishesRoles(item)
          ? { ...item, body: { ...item.body, roles: [] } }
          : item,
    }));
    await this.#wishes.add(numbered);
    const created = numbered.filter(({ item }) => item.action === 'create');
    await this.#wishes.addWishers(
      created.map(({ number, item }) => ({ number, id: item.body['id'] as string })),
    );
  }

  /** Takes the ids of those that are there over from the users' database. */
  async learnIds(users: UsersSection): Promise<void> {
    if (this.#wishes.hasAny)
      for await (const changed of users.idsOfChanged()) await this.#wishes.addWishers(changed);
    if (users.deletions > 0) for await (const gone of users.idsOfDeleted()) await this.#addGone(gone);
  }

  async #addGone(gone: readonly UserId[]): Promise<void> {
    if (!this.#anyGone) await this.#session.query(`CREATE TEMPORARY TABLE ${GONE} (id uuid) ON COMMIT DROP`);
    this.#anyGone = true;
    await sendRows(this.#session, GONE, gone.map(({ id }) => cell(id) + ROW_END).join(''), []);
  }

  async removeGone(): Promise<void> {
    if (!this.#anyGone) return;
    await this.#session.query(`ANALYZE ${GONE}`);
    await this.#session.execute(
      `DELETE FROM ${this.#of.table('user_role_mappings').sql} WHERE user_id IN (SELECT id FROM ${GONE})`,
    );
  }

  async fulfil(): Promise<void> {
    await this.#wishes.fulfil();
  }
}
