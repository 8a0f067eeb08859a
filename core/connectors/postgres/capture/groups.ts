import { canonicalRecord } from '../../../model/canonical.ts';
import { compareKeys } from '../../../model/key-order.ts';
import type { JsonObject, SectionBatch } from '../../../model/record.ts';
import { jsonQuery, jsonRows } from './json-rows.ts';
import { tableOf, type Reading } from './reading.ts';
import { sectionRows } from './small-sections.ts';

const EXAMPLES = 5;
const BATCH_RECORDS = 500;
/** Deeper than this the parents go in a circle. */
const MOST_LEVELS = 1_000;

interface Group {
  readonly row: JsonObject;
  readonly id: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly roles: Set<string>;
}

/** The realm's groups; held in memory, as a path may have to be put together from the groups above. */
export async function* captureGroups(reading: Reading): AsyncGenerator<SectionBatch> {
  const groups = new Map<string, Group>();
  const columns = { path: 'path', name: 'name', parentId: 'parent_id', id: 'id' };
  for await (const rows of sectionRows(reading, 'groups', columns))
    for (const { parentId, ...row } of rows) {
      const id = row['id'] as string;
      const parent = typeof parentId === 'string' ? parentId : undefined;
      groups.set(id, { row, id, name: row['name'] as string, parent, roles: new Set() });
    }
  await addRoles(reading, groups);
  const byPath = joinedByPath(reading, groups);
  const paths = [...byPath.keys()].sort(compareKeys);
  for (let at = 0; at < paths.length; at += BATCH_RECORDS) {
    const some = paths.slice(at, at + BATCH_RECORDS);
    yield { section: 'groups', records: some.map((path) => canonicalRecord('groups', byPath.get(path)!)) };
  }
}

async function addRoles(reading: Reading, groups: ReadonlyMap<string, Group>): Promise<void> {
  const query = jsonQuery(
    `SELECT m.id, m.group_id AS "group", r.name
     FROM ${tableOf(reading, 'group_role_mappings').sql} AS m
     JOIN ${tableOf(reading, 'groups').sql} AS g ON g.id = m.group_id
     LEFT JOIN ${tableOf(reading, 'roles').sql} AS r ON r.id = m.role_id AND r.realm_name = g.realm_name
     WHERE g.realm_name = ${reading.realmSql}`,
  );
  const strange = new Set<string>();
  const nameless = new Set<string>();
  for await (const rows of jsonRows('roles', reading.copy(reading.session('rbac'), query)))
    for (const { group: id, name } of rows as { group: string; name?: string }[]) {
      if (name === undefined) strange.add(id);
      else if (name === '') nameless.add(id);
      else groups.get(id)!.roles.add(name);
    }
  for (const [of, which] of [
    [strange, 'that are not the realm’s'],
    [nameless, 'with an empty name'],
  ] as const)
    if (of.size > 0)
      reading.warnings.push(
        `Roles ${which} were left out of ${of.size === 1 ? 'a group' : `${of.size} groups`} (${examples(of)}).`,
      );
}

/** One record for each path. */
function joinedByPath(reading: Reading, groups: ReadonlyMap<string, Group>): Map<string, JsonObject> {
  const byPath = new Map<string, JsonObject>();
  const mains = new Map<string, Group>();
  const roles = new Map<string, Set<string>>();
  const doubled = new Set<string>();
  const misplaced = new Set<string>();
  const inOrder = [...groups.values()].sort((a, b) => compareKeys(a.id, b.id));
  for (const group of inOrder) {
    const path = pathOf(group, groups);
    if (pathByParents(group, groups) !== path) misplaced.add(path);
    const others = roles.get(path);
    for (const role of group.roles) others?.add(role);
    if (others) doubled.add(path);
    else {
      roles.set(path, group.roles);
      byPath.set(path, { ...group.row, path });
      mains.set(path, group);
    }
  }
  for (const [path, group] of mains) {
    const row = byPath.get(path)!;
    row['roles'] = [...roles.get(path)!];
    const parent = untoldParent(path, group, groups, mains);
    if (parent !== undefined) row['parent'] = parent;
  }
  if (doubled.size > 0)
    reading.warnings.push(
      `More than one group has the path ${examples(doubled)}: they are taken for one, with the roles of all.`,
    );
  if (misplaced.size > 0)
    reading.warnings.push(
      `${misplaced.size === 1 ? 'A group’s path does' : `The paths of ${misplaced.size} groups do`} not agree with the groups above (${examples(misplaced)}): the path is the key, and what is above is kept beside it.`,
    );
  return byPath;
}

function pathOf(group: Group, groups: ReadonlyMap<string, Group>): string {
  const told = group.row['path'];
  return typeof told === 'string' && told !== '' ? told : pathByParents(group, groups);
}

/** The path of the group above where the path of this one does not tell it; empty where that names a group that is not above. */
function untoldParent(
  path: string,
  group: Group,
  groups: ReadonlyMap<string, Group>,
  byPath: ReadonlyMap<string, Group>,
): string | undefined {
  const above = pathAbove(path, group.name);
  const parent = group.parent === undefined ? undefined : groups.get(group.parent);
  if (parent === undefined) return byPath.has(above) ? '' : undefined;
  const actual = pathOf(parent, groups);
  return actual === above ? undefined : actual;
}

/** The path without the name at its end, which may have a slash in it. */
function pathAbove(path: string, name: string): string {
  return path.endsWith(`/${name}`) ? path.slice(0, -(name.length + 1)) : path.replace(/\/?[^/]*$/, '');
}

/** As the groups above have it. A parent of another realm is none. */
function pathByParents(group: Group, groups: ReadonlyMap<string, Group>): string {
  let path = `/${group.name}`;
  let at: Group = group;
  for (let level = 0; level < MOST_LEVELS; level++) {
    const parent = at.parent === undefined ? undefined : groups.get(at.parent);
    if (parent === undefined) return path;
    const told = parent.row['path'];
    if (typeof told === 'string' && told !== '') return told + path;
    path = `/${parent.name}${path}`;
    at = parent;
  }
  return `/${group.name}`;
}

function examples(texts: ReadonlySet<string>): string {
  const first = [...texts].slice(0, EXAMPLES).map((text) => `“${text}”`);
  return first.join(', ') + (texts.size > EXAMPLES ? ', …' : '');
}
