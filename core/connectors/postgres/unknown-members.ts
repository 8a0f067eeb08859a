import { MEMBERS } from '../../model/members.ts';
import type { Section } from '../../model/sections.ts';
import { TABLES, type TableName } from './services.ts';

const SECTION_OF: Readonly<Partial<Record<TableName, Section>>> = {
  realms: 'realm',
  users: 'users',
  user_credentials: 'credentials',
  user_social_links: 'socialLinks',
  roles: 'roles',
  groups: 'groups',
  policies: 'policies',
  oauth_clients: 'clients',
};

/** Members that records of this route have beside those of `MEMBERS`. */
const RESERVED: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  user_credentials: ['additional'],
  policies: ['additional'],
};

/**
 * Which member of a record carries each column that we know nothing of: the column's name in camel case; as it is where
 * that is a member we know or could be meant by another column. Does not depend on the order of the columns, so two
 * servers with the same columns give the same members.
 *
 * @param columns names of the table's unknown columns
 * @returns column → member
 */
export function membersOfUnknown(table: TableName, columns: readonly string[]): ReadonlyMap<string, string> {
  const known = TABLES[table].columns.map(camelCase);
  const section = SECTION_OF[table];
  const taken = new Set([
    ...known,
    ...(section ? MEMBERS[section].map(({ name }) => name) : []),
    ...(RESERVED[table] ?? []),
  ]);
  const sorted = [...columns].sort();
  const members = new Map<string, string>();
  for (const column of sorted) {
    const member = camelCase(column);
    const meant = sorted.filter((other) => camelCase(other) === member || other === member);
    const free = !taken.has(member) && (column === member || meant.length === 1);
    members.set(column, free ? member : column);
  }
  // A column whose very name is a member we know cannot be told from it: marked, it is still kept.
  for (const column of sorted) {
    let member = members.get(column)!;
    while (taken.has(member)) member += '_';
    taken.add(member);
    members.set(column, member);
  }
  return members;
}

function camelCase(column: string): string {
  return column.replace(/(?<=[^_])_+([^_])/gu, (_match, next: string) => next.toUpperCase());
}
