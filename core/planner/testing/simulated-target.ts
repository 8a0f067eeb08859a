import type { ApplyItem, RouteCapabilities } from '../../connectors/connector.ts';
import type { SnapshotSides } from '../../compare/section-side.ts';
import { sideOf } from '../../compare/testing/in-memory-side.ts';
import { memberOf } from '../../model/members.ts';
import { naturalKey } from '../../model/natural-key.ts';
import type { JsonObject, JsonValue } from '../../model/record.ts';
import { isRedacted, REDACTED } from '../../model/secret.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { isIdSection, keepsIds } from '../ids.ts';
import type { PlanMode } from '../section-plan.ts';
import { knownOver } from './routes.ts';

/** Ids that records of another realm have: id to key. */
export type Elsewhere = Partial<Record<Section, Readonly<Record<string, string>>>>;

export type RealmState = Partial<Record<Section, readonly JsonObject[]>>;

/**
 * An OpenGate realm as its documentation describes the imports, in memory. Refuses whatever the route cannot do, so a
 * plan that promises too much fails here.
 */
export class SimulatedTarget {
  readonly #records = new Map<Section, Map<string, JsonObject>>(SECTIONS.map((s) => [s, new Map()]));
  readonly #route: RouteCapabilities;
  readonly #elsewhere: Elsewhere;
  #issued = 0;

  constructor(route: RouteCapabilities, state: RealmState, elsewhere: Elsewhere = {}) {
    this.#route = route;
    this.#elsewhere = elsewhere;
    for (const section of SECTIONS)
      for (const body of state[section] ?? []) {
        const key = naturalKey(section, body);
        this.#of(section).set(key, { ...structuredClone(body), ...firstSecret(section, key, body) });
      }
  }

  get exists(): boolean {
    return this.#of('realm').size > 0;
  }

  bodies(section: Section): JsonObject[] {
    return [...this.#of(section).values()];
  }

  /** A whole capture over the route: of what it does not read, nothing; hidden secrets as marks. */
  capture(averageChunk = 3): SnapshotSides {
    const api = this.#route.channel === 'admin-api';
    const sections: readonly Section[] = api ? ['realm', 'roles', 'clients', 'users'] : SECTIONS;
    return Object.fromEntries(
      sections.map((section) => {
        const bodies = this.bodies(section).map((body) => this.#told(section, body));
        return [
          section,
          sideOf(section, bodies, { knows: knownOver(this.#route, section), averageChunk, asLines: true }),
        ];
      }),
    );
  }

  #told(section: Section, body: JsonObject): JsonObject {
    if (this.#route.channel !== 'admin-api') return stored(body);
    if (!this.#route.survivors) return redacted(section, body);
    const told = knownOver(this.#route, section);
    return Object.fromEntries(Object.entries(body).filter(([name]) => told.includes(name)));
  }

  /** The server's keys, by the source's. */
  readonly issued = new Map<string, string>();

  /** Who has these ids, in this realm or elsewhere (`Owners.ids`). */
  holdersOf(section: Section, ids: readonly string[]): ReadonlyMap<string, { realm: string; key: string }> {
    const here = [...this.#of(section)].map(([key, body]) => [body['id'], { realm: 'shop', key }] as const);
    const all = new Map<unknown, { realm: string; key: string }>([
      ...here,
      ...Object.entries(this.#elsewhere[section] ?? {}).map(
        ([id, key]) => [id, { realm: 'other', key }] as const,
      ),
    ]);
    return new Map(ids.flatMap((id) => (all.has(id) ? [[id, all.get(id)!] as const] : [])));
  }

  apply(items: readonly ApplyItem[], mode: PlanMode): void {
    if (this.#route.survivors) {
      this.#applySingly(items, mode);
      return;
    }
    const removed = items.some(({ section, action }) => section === 'realm' && action === 'delete');
    refuse(removed !== (mode === 'remove' && items.length > 0), 'a realm is deleted alone');
    if (mode === 'overwrite' || removed) for (const section of SECTIONS) this.#of(section).clear();
    if (removed) return;
    for (const item of items) if (item.action === 'delete') this.#delete(item);
    const byMapping: string[] = [];
    for (const item of items) {
      if (item.action === 'delete') continue;
      refuse(hasMark(item.body), `${item.section}/${item.key} would write a mark in place of a secret`);
      const route = this.#route.sections[item.section];
      const onlyByMapping = item.section === 'roles' && route.create === 'by-mapping' && mode === 'merge';
      if (item.action === 'create' && onlyByMapping) byMapping.push(item.key);
      else if (item.action === 'create') this.#create(item, mode);
      else this.#update(item);
    }
    for (const name of byMapping) refuse(!this.#of('roles').has(name), `no user carries the role ${name}`);
  }

  /** Deleting a realm deletes its own record only, and is done by whoever creates it anew. */
  #applySingly(items: readonly ApplyItem[], mode: PlanMode): void {
    const firstWrite = items.findIndex(({ action }) => action !== 'delete');
    const lastDeletion = items.findLastIndex(
      ({ action, section }) => action === 'delete' && section !== 'realm',
    );
    refuse(firstWrite >= 0 && lastDeletion > firstWrite, 'what is deleted must be deleted first');
    for (const item of items) {
      const isOfUser = item.section === 'users' && item.action !== 'create';
      if (isOfUser)
        refuse(item.targetId !== this.#of('users').get(item.key)?.['id'], `${item.key} has another id`);
      if (item.section === 'realm' && (item.action === 'delete' || mode === 'overwrite'))
        this.#of('realm').clear();
      if (item.section === 'realm' && item.action === 'delete') continue;
      if (item.action === 'delete') this.#delete(item);
      else if (item.action === 'update') this.#update(item);
      else if (item.section === 'clients') this.#issueClient(item);
      else this.#create(item, mode);
    }
  }

  #issueClient({ key, body }: ApplyItem): void {
    const { clientId: _own, ...rest } = body;
    const members = this.#route.sections.clients.createUnderNewKey;
    refuse(
      !members || Object.keys(rest).some((name) => !members.includes(name)),
      `cannot create all of client ${key}`,
    );
    refuse(rest['name'] === undefined, `client ${key} has no name`);
    const clientId = `client-${String(this.#issued++).padStart(8, '0')}`;
    this.issued.set(key, clientId);
    this.#of('clients').set(clientId, { clientId, ...structuredClone(rest), clientSecret: 'issued' });
  }

  #create({ section, key, body }: ApplyItem, mode: PlanMode): void {
    const route = this.#route.sections[section];
    const can = route.create === 'yes' || (mode !== 'merge' && route.createWithRealm);
    refuse(!can, `cannot create ${section}`);
    refuse(this.#of(section).has(key), `${section}/${key} exists`);
    refuse(naturalKey(section, body) !== key, `${section}/${key} is written under another key`);
    if (route.createMembers !== 'all') {
      const members = route.createMembers;
      refuse(
        Object.keys(body).some((name) => !members.includes(name)),
        `cannot create all of ${section}/${key}`,
      );
    }
    const record = structuredClone(body);
    if (keepsIds(this.#route, section)) this.#giveId(section, key, record);
    const confidential = section === 'clients' && record['publicClient'] !== true;
    if (confidential && record['clientSecret'] === undefined && record['secretHash'] === undefined)
      record['clientSecret'] = `issued-${this.#issued++}`;
    this.#store(section, key, record);
  }

  #giveId(section: Section, key: string, record: JsonObject): void {
    const id = record['id'];
    if (typeof id !== 'string')
      record['id'] = `00000000-0000-4000-9000-${String(this.#issued++).padStart(12, '0')}`;
    else if (isIdSection(section))
      refuse(this.holdersOf(section, [id]).size > 0, `the id of ${section}/${key} is taken`);
  }

  #update({ section, key, body }: ApplyItem): void {
    const route = this.#route.sections[section];
    const there = this.#of(section).get(key);
    refuse(!there, `${section}/${key} is not there`);
    const set: JsonObject = {};
    for (const [name, value] of Object.entries(body)) {
      if (memberOf(section, name)?.key) continue;
      refuse(!route.updateMembers.includes(name), `cannot set ${name} of ${section}`);
      const before = there![name];
      const grows = route.addOnlyMembers.includes(name) && Array.isArray(before) && Array.isArray(value);
      refuse(value === null && route.canEmpty === false, `cannot empty ${name} of ${section}`);
      set[name] = grows ? [...new Set([...before, ...value])] : value;
    }
    this.#store(section, key, { ...there, ...set });
  }

  #delete({ section, key }: ApplyItem): void {
    refuse(
      !this.#of(section).has(key) && section !== 'credentials' && section !== 'socialLinks',
      `${section}/${key} is not there`,
    );
    this.#of(section).delete(key);
    if (section === 'roles')
      for (const user of this.bodies('users'))
        if (Array.isArray(user['roles'])) user['roles'] = user['roles'].filter((role) => role !== key);
    if (section !== 'users') return;
    for (const owned of ['credentials', 'socialLinks'] as const)
      for (const [at, body] of this.#of(owned)) if (body['username'] === key) this.#of(owned).delete(at);
  }

  #store(section: Section, key: string, body: JsonObject): void {
    if (section === 'users') {
      for (const [other, user] of this.#of('users'))
        refuse(
          other !== key && typeof body['email'] === 'string' && user['email'] === body['email'],
          `e-mail of ${key} is taken`,
        );
      for (const role of Array.isArray(body['roles']) ? body['roles'] : [])
        if (typeof role === 'string' && !this.#of('roles').has(role)) {
          refuse(this.#route.survivors !== undefined, `there is no role ${role}`);
          this.#of('roles').set(role, { name: role });
        }
    }
    this.#of(section).set(key, body);
  }

  #of(section: Section): Map<string, JsonObject> {
    return this.#records.get(section)!;
  }
}

/** Every confidential client has a secret. */
function firstSecret(section: Section, key: string, body: JsonObject): JsonObject {
  const needed = section === 'clients' && body['publicClient'] !== true && body['clientSecret'] === undefined;
  return needed ? { clientSecret: `first-of-${key}` } : {};
}

function refuse(refused: boolean, why: string): void {
  if (refused) throw new Error(`The simulated target refuses: ${why}.`);
}

function redacted(section: Section, body: JsonObject): JsonObject {
  const { password: _password, ...rest } = body;
  if (section === 'clients' && typeof rest['clientSecret'] === 'string') rest['clientSecret'] = REDACTED;
  const smtp = rest['smtpConfig'];
  if (typeof smtp === 'object' && smtp !== null && 'password' in smtp)
    rest['smtpConfig'] = { ...smtp, password: REDACTED };
  return rest;
}

/** A database holds hashes, never the secrets themselves. */
function stored(body: JsonObject): JsonObject {
  const { password: _password, clientSecret, ...rest } = body;
  return typeof clientSecret === 'string' && rest['secretHash'] === undefined
    ? { ...rest, secretHash: `$2a$12$${clientSecret}` }
    : rest;
}

function hasMark(value: JsonValue): boolean {
  if (isRedacted(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasMark);
}
