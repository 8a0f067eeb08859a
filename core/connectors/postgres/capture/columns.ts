import pg from 'pg';
import type { Table } from '../layout.ts';

/** A column that we know nothing of, and the member that carries it. */
export interface UnknownColumn {
  readonly member: string;
  /** "users.nickname" */
  readonly source: string;
  /** Quoted. */
  readonly sql: string;
}

export function unknownColumns(table: Table): readonly UnknownColumn[] {
  return table.unknown.map(({ name, member }) => ({
    member,
    source: `${table.name}.${name}`,
    sql: pg.escapeIdentifier(name),
  }));
}
