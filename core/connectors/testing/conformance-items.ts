import { canonicalBody } from '../../model/canonical.ts';
import { compareKeys } from '../../model/key-order.ts';
import { memberOf } from '../../model/members.ts';
import { naturalKey } from '../../model/natural-key.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import type { RealmContent } from './conformance-content.ts';
import { byKey, expectRecords, type Captured, type Records } from './conformance-state.ts';
import type { ApplyItem, RouteCapabilities } from '../connector.ts';

/** The records that a route that sees everything finds: a password has become a credential. */
export function seeded({ sections }: RealmContent, section: Section): readonly JsonObject[] {
  const passwords = (sections.users ?? []).filter((user) => user['password'] !== undefined);
  return [
    ...(sections[section] ?? []),
    ...(section === 'credentials'
      ? passwords.map(({ username }) => ({ username: username!, type: 'PASSWORD' }))
      : []),
  ];
}

export function creatable(route: RouteCapabilities): Section[] {
  return SECTIONS.filter((section) => route.sections[section].createWithRealm);
}

export function creations(route: RouteCapabilities, content: RealmContent): ApplyItem[] {
  return creatable(route).flatMap((section) =>
    (content.sections[section] ?? [])
      .map((record) => settable(route, section, canonicalBody(section, record)))
      .map((body): ApplyItem => ({ section, key: naturalKey(section, body), action: 'create', body }))
      .sort((a, b) => compareKeys(a.key, b.key)),
  );
}

/**
 * Puts a realm in the place of another: where something survives that one, all else is deleted one by one, and what
 * survived need not be created.
 */
export function replacement(route: RouteCapabilities, before: Captured, content: RealmContent): ApplyItem[] {
  const items = creations(route, content);
  const { survivors } = route;
  if (!survivors) return items;
  const mortal = creatable(route).filter((section) => section !== 'realm' && !survivors.includes(section));
  const deletions = mortal.flatMap((section) =>
    [...before.sections.get(section)!].sort(byKey).map(([key, record]): ApplyItem => ({
      section,
      key,
      action: 'delete',
      body: {},
      targetId: record['id'] as string,
    })),
  );
  const survived = ({ section, key }: ApplyItem): boolean =>
    survivors.includes(section) && before.sections.get(section)?.has(key) === true;
  return [...deletions, ...items.filter((item) => !survived(item))];
}

/** The records of a section are those sent, in all that the route can set. */
export function expectCreated(
  route: RouteCapabilities,
  captured: Captured,
  section: Section,
  { sections }: RealmContent,
): void {
  const { createMembers } = route.sections[section];
  const settable = (name: string): boolean =>
    createMembers === 'all' || createMembers.includes(name) || memberOf(section, name)?.key === true;
  expectRecords(captured, section, sections[section] ?? [], settable);
}

/** Without the members that this route cannot set. */
function settable(route: RouteCapabilities, section: Section, body: JsonObject): JsonObject {
  const { createMembers } = route.sections[section];
  if (createMembers === 'all') return body;
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => memberOf(section, name)?.key || createMembers.includes(name)),
  );
}

/** A merge with something of everything that the route offers, and what the realm must be afterwards. */
export function mergeOf(
  route: RouteCapabilities,
  before: Captured,
): { items: ApplyItem[]; expected: Map<Section, Records> } {
  const { sections } = route;
  const expected = new Map([...before.sections].map(([section, records]) => [section, new Map(records)]));
  const items: ApplyItem[] = [];
  const set = (section: Section, key: string, action: 'create' | 'update', body: JsonObject): void => {
    items.push({ section, key, action, body });
    const records = expected.get(section)!;
    records.set(key, canonicalBody(section, { ...records.get(key), ...body }));
  };
  const realm = [...expected.get('realm')!.keys()][0]!;
  const settings = Object.entries({ displayName: 'Merged', accessTokenLifespan: 77, mfaRequired: false });
  const settable = settings.filter(([name]) => sections.realm.updateMembers.includes(name));
  if (settable.length > 0) set('realm', realm, 'update', { name: realm, ...Object.fromEntries(settable) });
  const newRole = `new role of “${realm}”`;
  if (sections.roles.create === 'yes' || sections.roles.create === 'by-mapping')
    set('roles', newRole, 'create', { name: newRole, composite: false });
  const users = [...expected.get('users')!].sort(byKey);
  const changed = new Map<string, JsonObject>();
  for (const [key, user] of users.filter((_user, i) => i % 3 === 0)) {
    const grown = [...new Set([...((user['roles'] as string[] | undefined) ?? []), newRole])];
    const wanted = { firstName: 'Changed “Ω”', enabled: false, roles: grown };
    const body = Object.entries(wanted).filter(([name]) => sections.users.updateMembers.includes(name));
    changed.set(key, Object.fromEntries(body));
  }
  for (const key of ['added', 'Added', 'ädded “quoted”'])
    changed.set(key, { email: `${encodeURIComponent(key)}@new.example` });
  for (const [key, body] of [...changed].sort(byKey)) {
    const exists = expected.get('users')!.has(key);
    set('users', key, exists ? 'update' : 'create', {
      username: key,
      ...(exists ? {} : { enabled: true, emailVerified: false }),
      ...body,
    });
  }
  return { items, expected };
}
