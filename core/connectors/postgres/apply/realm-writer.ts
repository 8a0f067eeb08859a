import { AppError } from '../../../../contract/errors.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { ApplyItem, ApplyTarget } from '../../connector.ts';
import type { DatabaseTransaction, Transactions } from '../databases.ts';
import type { Layout } from '../layout.ts';
import { TABLE_NAMES, TABLES, type Service, type TableName } from '../services.ts';
import type { Session } from '../session.ts';
import { recordChanged } from './apply-errors.ts';
import { BulkUsers } from './bulk-users.ts';
import { dropHelpers } from './cascade-index.ts';
import { clearRealm } from './clear-realm.ts';
import { deleteMappingsOfGone } from './gone-users.ts';
import { Lane, type LaneOn } from './lane.ts';
import { NewIds } from './new-ids.ts';
import { OwnerIds } from './owner-ids.ts';
import { GroupsSection, PoliciesSection, RolesSection } from './rbac-sections.ts';
import { serviceOf, tableOf } from '../section-tables.ts';
import { ClientsSection, realmExists, RealmSection } from './single-sections.ts';
import type { Applying, EncodedItems, StagedSection } from './staged-section.ts';
import { UserMappings } from './user-wishes.ts';
import { CredentialsSection, SocialLinksSection, UsersSection } from './user-sections.ts';

/** What a deleted realm may leave behind. */
const OF_REALM = TABLE_NAMES.filter((name) => TABLES[name].columns.some((column) => column === 'realm_name'));
/** Mappings of users that are gone would count for new ones of the same ids. */
const OF_USERS = ['users', 'user_role_mappings'] as const;
/** So many rows that hang on users of a new realm are staged before they are joined with these. */
const ROWS_AT_ONCE = 50_000;

/**
 * Writes one realm within open transactions. `start` first; then items in the order of SECTIONS; then `prepare` for each
 * database, in the order of commits. Nothing lasts until somebody commits.
 */
export class RealmWriter {
  readonly #layout: Layout;
  readonly #transactions: Transactions;
  readonly #target: ApplyTarget;
  readonly #of: Applying & { isNew: boolean };
  readonly #lanes = new Map<Session, Lane>();
  readonly #sections = new Map<Section, StagedSection>();
  /** What the sections of the user service share: of a realm that is there, nobody may be there yet. */
  #ofUsers: Applying;
  #bulkUsers: BulkUsers | undefined;
  readonly #owners = new OwnerIds();
  #credentialIdsAreTaken = false;
  #mappings: UserMappings | undefined;
  #rolesWritten = false;
  /** Rows of a section that have been staged since the last were written, in a new realm. */
  #waiting = 0;

  constructor(layout: Layout, transactions: Transactions, target: ApplyTarget) {
    this.#layout = layout;
    this.#transactions = transactions;
    this.#target = target;
    this.#of = {
      realm: target.realm,
      ids: new NewIds(),
      isNew: false,
      warnings: [],
      table: (name) => {
        const table = tableOf(layout, name);
        if (!table) throw new AppError('INTERNAL', `Table ${name} was to be written, but was not found.`);
        return table;
      },
    };
    this.#ofUsers = this.#of;
  }

  /** @throws AppError REALM_EXISTS, REALM_NOT_FOUND, FORBIDDEN, … as `Session.run` */
  async start(): Promise<void> {
    const { mode, realm } = this.#target;
    const exists = await realmIsThere(this.#layout, this.#transactions, realm);
    if (mode === 'create' && exists) throw realmExists(realm);
    if (mode === 'merge' && !exists)
      throw new AppError('REALM_NOT_FOUND', `Realm “${realm}” does not exist any more.`, {
        remedy: 'Compare again: then it can be created.',
      });
    if (mode === 'overwrite' || mode === 'remove')
      await clearRealm(this.#of, (service) => this.#transactions.of(service));
    this.#of.isNew = mode === 'overwrite' || (mode === 'create' && !(await this.#anyOf(OF_REALM)));
    const nobody = this.#of.isNew || !(await this.#anyOf(OF_USERS));
    this.#ofUsers = { ...this.#of, isNew: nobody };
  }

  /** Harmless when repeated. */
  close(): void {
    this.#owners.close();
  }

  /** Findings since the last time. */
  takeWarnings(): string[] {
    return this.#of.warnings.splice(0);
  }

  /** Whether one of these tables has rows that bear the realm's name. */
  async #anyOf(names: readonly TableName[]): Promise<boolean> {
    for (const name of names) {
      const table = tableOf(this.#layout, name);
      if (!table) continue;
      const [row] = await this.#transactions
        .of(TABLES[name].service)
        .query<{ any: boolean }>(`SELECT EXISTS (SELECT FROM ${table.sql} WHERE realm_name = $1) AS any`, [
          this.#target.realm,
        ]);
      if (row!.any) return true;
    }
    return false;
  }

  /** Items of one section. What is sent to the server may still be under way afterwards. */
  async stage(section: Section, items: readonly ApplyItem[]): Promise<void> {
    const isBulk = this.#ofUsers.isNew && serviceOf(section) === 'user';
    if (isBulk) for (const item of items) if (item.action !== 'create') throw recordChanged(item);
    if (isBulk) await this.#writeRoles();
    if (isBulk && section === 'users') return await this.#users().add(items);
    if (isBulk && section === 'credentials') return await this.#addNewCredentials(items);
    if (isBulk) return await this.#addInBlocks(section, items);
    if (section === 'users') return await this.#addUsers(items);
    await this.#section(section).add(items);
  }

  async #addUsers(items: readonly ApplyItem[]): Promise<void> {
    const { ids } = this.#of;
    const withIds = items.map((item) =>
      item.action === 'create' && typeof item.body['id'] !== 'string'
        ? { ...item, body: { ...item.body, id: ids.next() } }
        : item,
    );
    const users = this.#section('users');
    const first = users.nextNumber;
    await users.add(withIds);
    if (!this.#layout.services.rbac) return;
    this.#mappings ??= new UserMappings(this.#of, this.#transactions.of('rbac'));
    await this.#mappings.add(withIds, first);
  }

  /** The mappings of a new realm's users are written with them, and need the roles. */
  async #writeRoles(): Promise<void> {
    if (this.#rolesWritten || !this.#layout.services.rbac) return;
    this.#rolesWritten = true;
    await this.#write('rbac');
  }

  #users(): BulkUsers {
    const rbac = this.#layout.services.rbac && this.#laneOf('rbac');
    return (this.#bulkUsers ??= new BulkUsers(this.#ofUsers, this.#laneOf('user'), rbac, this.#owners));
  }

  /** Straight into their table, as long as whose they are is known and nobody has their ids. */
  async #addNewCredentials(items: readonly ApplyItem[]): Promise<void> {
    const credentials = this.#section('credentials') as CredentialsSection;
    const { session, lane } = this.#laneOf('user');
    const rows = this.#credentialIdsAreTaken ? undefined : await credentials.rowsOfNew(items, this.#owners);
    if (!rows) return await this.#addInBlocks('credentials', items);
    await lane.begin(async () => {
      if (!this.#credentialIdsAreTaken && (await rows.sendIfFree(session))) return;
      this.#credentialIdsAreTaken = true;
      await this.#sendInBlocks(credentials, await credentials.encode(items));
    });
  }

  async #addInBlocks(section: Section, items: readonly ApplyItem[]): Promise<void> {
    const staged = this.#section(section);
    const encoded = await staged.encode(items);
    await this.#laneOf('user').lane.begin(() => this.#sendInBlocks(staged, encoded));
  }

  async #sendInBlocks(staged: StagedSection, encoded: EncodedItems): Promise<void> {
    await staged.send(encoded);
    this.#waiting += encoded.rowItems.length;
    if (this.#waiting < ROWS_AT_ONCE) return;
    this.#waiting = 0;
    await staged.locate();
    await staged.insert();
    await staged.restart();
  }

  /** Writes all that is left to be written in this database. */
  async prepare(database: DatabaseTransaction): Promise<void> {
    const services = database.services.map(({ service }) => service);
    for (const service of services) await this.#laneOf(service).lane.settled();
    for (const service of services) {
      if (service === 'rbac' && this.#rolesWritten) continue;
      await this.#write(service);
    }
    if (services.includes('rbac')) await this.#forgetGoneUsers();
    if (services.includes('user')) this.#owners.close();
    if (services.includes('user')) await dropHelpers(database.session, this.#of);
    // What a commit could still stumble over is to be found before the first one.
    await database.session.query('SET CONSTRAINTS ALL IMMEDIATE');
  }

  async #write(service: Service): Promise<void> {
    const sections = SECTIONS.filter((section) => serviceOf(section) === service).flatMap(
      (section) => this.#sections.get(section) ?? [],
    );
    const users = this.#sections.get('users');
    for (const section of sections) {
      if (section instanceof SocialLinksSection && users instanceof UsersSection) section.freedBy(users);
      await section.locate();
    }
    if (service === 'user' && users instanceof UsersSection) await this.#mappings?.learnIds(users);
    if (service === 'rbac') await this.#mappings?.removeGone();
    for (const section of sections.toReversed()) await section.delete();
    for (const section of sections) {
      await section.update();
      await section.insert();
    }
    if (service !== 'rbac') return;
    const groups = this.#sections.get('groups');
    if (groups instanceof GroupsSection) await groups.mapRoles();
    await this.#mappings?.fulfil();
  }

  /** The users' database is prepared by now, if it is at all. */
  async #forgetGoneUsers(): Promise<void> {
    const { goneUsers } = this.#target;
    if (!goneUsers || !this.#layout.services.user) return;
    const [users, rbac] = [this.#transactions.of('user'), this.#transactions.of('rbac')];
    await deleteMappingsOfGone(this.#of, users, rbac, goneUsers);
  }

  #laneOf(service: Service): LaneOn {
    const session = this.#transactions.of(service);
    let lane = this.#lanes.get(session);
    if (!lane) this.#lanes.set(session, (lane = new Lane()));
    return { session, lane };
  }

  #section(section: Section): StagedSection {
    let staged = this.#sections.get(section);
    if (!staged) {
      const service = serviceOf(section);
      const of = service === 'user' ? this.#ofUsers : this.#of;
      staged = new WRITERS[section](of, this.#transactions.of(service));
      this.#sections.set(section, staged);
    }
    return staged;
  }
}

const WRITERS: Readonly<Record<Section, new (of: Applying, session: Session) => StagedSection>> = {
  realm: RealmSection,
  roles: RolesSection,
  groups: GroupsSection,
  clients: ClientsSection,
  policies: PoliciesSection,
  users: UsersSection,
  credentials: CredentialsSection,
  socialLinks: SocialLinksSection,
};

/** Whether the realm is there, as these transactions see it. */
export async function realmIsThere(
  layout: Layout,
  transactions: Pick<Transactions, 'of'>,
  realm: string,
): Promise<boolean> {
  const [row] = await transactions
    .of('realm')
    .query<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM ${tableOf(layout, 'realms')!.sql} WHERE name = $1) AS found`,
      [realm],
    );
  return row!.found;
}
