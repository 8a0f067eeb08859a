import type { Client } from './connect.ts';
import type { Column, Table } from './layout.ts';
import { quoted } from './quoted.ts';
import { TABLE_NAMES, TABLES, type TableName } from './services.ts';
import { membersOfUnknown } from './unknown-members.ts';

/** What one database was found to hold that looks like OpenGate's. */
export interface DatabaseSurvey {
  /** "15.18". */
  readonly serverVersion: string;
  /** 150018. */
  readonly versionNumber: number;
  readonly encoding: string;
  readonly standby: boolean;
  readonly mayStage: boolean;
  readonly canCheckClient: boolean;
  /** The same by whatever address it is reached; undefined where the role may not ask. */
  readonly identity?: string;
  readonly schemas: readonly SchemaSurvey[];
}

/** The tables of one schema that bear the names of OpenGate's. */
export interface SchemaSurvey {
  readonly name: string;
  /** Without it no table in it can be used, whatever rights there are to the table. */
  readonly usable: boolean;
  readonly tables: ReadonlyMap<TableName, FoundTable>;
  readonly history: FlywayHistory;
}

export interface FoundTable extends Table {
  /** A view, a foreign table, …: not a table that can be written as one. */
  readonly notATable: boolean;
  /** Row level security would silently hide rows from this role. */
  readonly rowsHidden: boolean;
}

export interface FlywayHistory {
  readonly state: 'read' | 'missing' | 'forbidden';
  readonly version?: string;
  readonly failed: readonly string[];
}

/** Looks into the database that the client is connected to; changes nothing, not even the session. */
export async function surveyDatabase(client: Client): Promise<DatabaseSurvey> {
  await client.query('BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL client_encoding = UTF8');
  const { rows } = await client.query<ServerRow>(SERVER);
  const server = rows[0]!;
  const schemas = schemasOf(
    (await client.query<TableRow>(TABLES_QUERY, [[...TABLE_NAMES, HISTORY]])).rows,
    (await client.query<ColumnRow>(COLUMNS_QUERY, [TABLE_NAMES])).rows,
  );
  const surveys: SchemaSurvey[] = [];
  const identity = await identityOf(client, server);
  for (const schema of schemas)
    surveys.push({ ...schema, history: await readHistory(client, schema.historyState, schema.name) });
  await client.query('ROLLBACK');
  return {
    serverVersion: server.version.split(' ')[0]!,
    versionNumber: server.number,
    encoding: server.encoding,
    standby: server.standby,
    mayStage: server.temp,
    canCheckClient: server.number >= 140_000 && server.build.includes('linux'),
    ...(identity !== undefined && { identity }),
    schemas: surveys,
  };
}

interface ServerRow {
  readonly version: string;
  readonly number: number;
  readonly build: string;
  readonly encoding: string;
  readonly standby: boolean;
  readonly temp: boolean;
  readonly oid: string;
  readonly identifiable: boolean;
}

const SERVER = `
  SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
         version() AS build, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
         has_database_privilege(current_database(), 'TEMPORARY') AS temp,
         (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS oid,
         has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS identifiable`;

/** The number that a server got when it was made, and the database's on it: both outlast names and addresses. */
async function identityOf(client: Client, { oid, identifiable }: ServerRow): Promise<string | undefined> {
  if (!identifiable) return undefined;
  const { rows } = await client.query<{ server: string }>(
    'SELECT system_identifier::text AS server FROM pg_control_system()',
  );
  return `${rows[0]!.server}/${oid}`;
}

const HISTORY = 'flyway_schema_history';

interface TableRow {
  readonly schema: string;
  readonly tab: string;
  readonly kind: string;
  readonly usable: boolean;
  readonly sel: boolean;
  readonly ins: boolean;
  readonly upd: boolean;
  readonly del: boolean;
  readonly rls: boolean;
}

/** Rights to a whole table only: has_table_privilege does not count those to single columns. */
const TABLES_QUERY = `
  SELECT n.nspname AS schema, c.relname AS tab, c.relkind::text AS kind,
         has_schema_privilege(n.oid, 'USAGE') AS usable,
         has_table_privilege(c.oid, 'SELECT') AS sel, has_table_privilege(c.oid, 'INSERT') AS ins,
         has_table_privilege(c.oid, 'UPDATE') AS upd, has_table_privilege(c.oid, 'DELETE') AS del,
         c.relrowsecurity AND row_security_active(c.oid) AS rls
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname::text = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ORDER BY n.nspname, c.relname`;

interface ColumnRow {
  readonly schema: string;
  readonly tab: string;
  readonly col: string;
  readonly typ: string;
  readonly mod: number;
  readonly colschema: string | null;
  readonly colname: string | null;
  readonly nn: boolean;
  readonly def: boolean;
  readonly gen: boolean;
}

/** `collisdeterministic` is there from PostgreSQL 12 on; before, every collation was deterministic. */
const COLUMNS_QUERY = `
  SELECT n.nspname AS schema, c.relname AS tab, a.attname AS col,
         format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END, NULL) AS typ,
         CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END AS mod,
         cn.nspname AS colschema, co.collname AS colname,
         a.attnotnull OR t.typnotnull AS nn,
         a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS def,
         a.attgenerated <> '' OR a.attidentity = 'a' AS gen
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation co ON co.oid = a.attcollation AND to_jsonb(co) ->> 'collisdeterministic' = 'false'
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
  WHERE c.relname::text = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ORDER BY n.nspname, c.relname, a.attnum`;

type Schema = Omit<SchemaSurvey, 'history'> & { readonly historyState: FlywayHistory['state'] };

function schemasOf(tableRows: readonly TableRow[], columnRows: readonly ColumnRow[]): Schema[] {
  return [...new Set(tableRows.map(({ schema }) => schema))].map((name) => {
    const inside = tableRows.filter(({ schema }) => schema === name);
    const history = inside.find(({ tab }) => tab === HISTORY);
    const tables = new Map<TableName, FoundTable>();
    for (const row of inside) {
      if (row.tab === HISTORY) continue;
      const table = row.tab as TableName;
      const columns = columnRows.filter(({ schema, tab }) => schema === name && tab === table);
      tables.set(table, foundTable(table, row, columns));
    }
    return {
      name,
      usable: inside[0]!.usable,
      tables,
      historyState: !history ? 'missing' : history.usable && history.sel ? 'read' : 'forbidden',
    };
  });
}

function foundTable(name: TableName, row: TableRow, columnRows: readonly ColumnRow[]): FoundTable {
  const columns = new Map(columnRows.map((column) => [column.col, columnOf(column)]));
  const known: readonly string[] = TABLES[name].columns;
  const unknown = [...columns.values()].filter((column) => !known.includes(column.name));
  const members = membersOfUnknown(
    name,
    unknown.map((column) => column.name),
  );
  return {
    name,
    sql: `${quoted(row.schema)}.${quoted(name)}`,
    columns,
    unknown: unknown.map((column) => ({ ...column, member: members.get(column.name)! })),
    rights: {
      select: row.sel,
      insert: row.ins,
      update: row.upd,
      delete: row.del,
    },
    notATable: row.kind !== 'r' && row.kind !== 'p',
    rowsHidden: row.rls,
  };
}

function columnOf({ col, typ, mod, colschema, colname, nn, def, gen }: ColumnRow): Column {
  return {
    name: col,
    type: typ,
    // The modifier of varchar(n) is n and four bytes of header.
    ...(typ === 'character varying' && mod > 4 && { maxLength: mod - 4 }),
    ...(colschema !== null &&
      colname !== null && { looseCollation: `${quoted(colschema)}.${quoted(colname)}` }),
    notNull: nn,
    hasDefault: def,
    generated: gen,
  };
}

async function readHistory(
  client: Client,
  state: FlywayHistory['state'],
  schema: string,
): Promise<FlywayHistory> {
  if (state !== 'read') return { state, failed: [] };
  const { rows } = await client.query<{ version: string; success: boolean }>(
    `SELECT version, success FROM ${quoted(schema)}.${HISTORY} WHERE version IS NOT NULL ORDER BY installed_rank`,
  );
  const done = rows.findLast(({ success }) => success)?.version;
  // A failed migration that was repaired and run again has succeeded later.
  const failed = rows
    .filter(({ version, success }) => !success && !rows.some((row) => row.success && row.version === version))
    .map(({ version }) => version);
  return { state, failed, ...(done !== undefined && { version: done }) };
}
