import type { ServiceLayout, Table } from './layout.ts';
import { quoted } from './quoted.ts';
import type { TableName } from './services.ts';

export type Purpose = 'read' | 'write';

/** Whether all rows of a table can be read. */
export function mayRead(service: ServiceLayout, table: TableName): boolean {
  return service.mayEnter && service.tables[table]?.rights.select === true;
}

/**
 * The GRANT statements that a role lacks to read this service's tables, or to write them too. Rights to single columns
 * do not count: what a newer server adds is to be kept as well.
 *
 * @param role its name, to stand in the statements
 * @param only of these tables; undefined: of all
 */
export function missingGrants(
  service: ServiceLayout,
  purpose: Purpose,
  role: string,
  only?: readonly TableName[],
): string[] {
  const wanted = purpose === 'read' ? READING : WRITING;
  const byRights = new Map<string, string[]>();
  for (const table of Object.values(service.tables)) {
    if (only && !only.includes(table.name)) continue;
    const missing = wanted.filter((right) => !table.rights[right]).join(', ');
    if (missing !== '') byRights.set(missing, [...(byRights.get(missing) ?? []), table.sql]);
  }
  const grants = [...byRights].map(
    ([rights, tables]) => `GRANT ${rights.toUpperCase()} ON ${tables.join(', ')} TO ${quoted(role)};`,
  );
  if (purpose === 'write' && !service.mayStage)
    grants.push(`GRANT TEMPORARY ON DATABASE ${quoted(service.databaseName)} TO ${quoted(role)};`);
  return service.mayEnter
    ? grants
    : [`GRANT USAGE ON SCHEMA ${quoted(service.schema)} TO ${quoted(role)};`, ...grants];
}

const READING = ['select'] as const satisfies (keyof Table['rights'])[];
const WRITING = ['select', 'insert', 'update', 'delete'] as const satisfies (keyof Table['rights'])[];
