import pg from 'pg';
import { clientConfig } from './address.ts';
import type { Column, Layout, ServiceLayout, Table } from './layout.ts';
import { SERVICES, TABLE_NAMES, TABLES, type Service, type TableName } from './services.ts';
import type { PostgresSettings } from './settings.ts';

/** Looks through the server's databases for the tables of each service. */
export async function discover(settings: PostgresSettings, _signal: AbortSignal): Promise<Layout> {
  const names = await withClient(settings, 'postgres', async (client) =>
    (
      await client.query<{ datname: string }>(
        `SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname`,
      )
    ).rows.map(({ datname }) => datname),
  );
  const services: Partial<Record<Service, ServiceLayout>> = {};
  let serverVersion = '';
  for (const name of names) {
    await withClient(settings, name, async (client) => {
      const version = await client.query<{ v: string; e: string }>(
        `SELECT current_setting('server_version') AS v, current_setting('server_encoding') AS e`,
      );
      serverVersion = `PostgreSQL ${version.rows[0]!.v.split(' ')[0]}`;
      const tables = await readTables(client);
      for (const service of SERVICES) {
        const own = TABLE_NAMES.filter((table) => TABLES[table].service === service);
        if (!own.every((table) => tables.has(table))) continue;
        const flyway = await client.query<{ version: string }>(
          `SELECT version FROM flyway_schema_history WHERE success ORDER BY installed_rank DESC LIMIT 1`,
        );
        services[service] = {
          service,
          place: name,
          database: name,
          ...(flyway.rows[0] && { version: flyway.rows[0].version }),
          tables: Object.fromEntries(own.map((table) => [table, tables.get(table)!])),
          mayStage: true,
          encoding: version.rows[0]!.e,
        };
      }
    });
  }
  const versions = [...SERVICES].sort().map((service) => `${service}-${services[service]?.version ?? '?'}`);
  return { services, serverVersion, dialect: `flyway ${versions.join(' ')}`, problems: {} };
}

async function readTables(client: pg.Client): Promise<Map<TableName, Table>> {
  const { rows } = await client.query<{
    tab: TableName;
    sch: string;
    col: string;
    typ: string;
    mod: number;
    nn: boolean;
    def: boolean;
    gen: boolean;
  }>(
    `SELECT c.relname AS tab, n.nspname AS sch, a.attname AS col, format_type(a.atttypid, NULL) AS typ,
            a.atttypmod AS mod, a.attnotnull AS nn, a.atthasdef OR a.attidentity <> '' AS def,
            a.attgenerated <> '' AS gen
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname = ANY($1)
     ORDER BY c.relname, a.attnum`,
    [TABLE_NAMES],
  );
  const tables = new Map<TableName, Table>();
  for (const name of new Set(rows.map(({ tab }) => tab))) {
    const columns = new Map<string, Column>();
    for (const row of rows.filter(({ tab }) => tab === name))
      columns.set(row.col, {
        name: row.col,
        type: row.typ,
        ...(row.typ === 'character varying' && row.mod > 4 && { maxLength: row.mod - 4 }),
        notNull: row.nn,
        hasDefault: row.def,
        generated: row.gen,
      });
    const known: readonly string[] = TABLES[name].columns;
    tables.set(name, {
      name,
      sql: `"public"."${name}"`,
      columns,
      unknown: [...columns.values()]
        .filter((column) => !known.includes(column.name))
        .map((column) => ({ ...column, member: column.name })),
      rights: { select: true, insert: true, update: true, delete: true },
    });
  }
  return tables;
}

async function withClient<T>(
  settings: PostgresSettings,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(clientConfig(settings, undefined, database));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
