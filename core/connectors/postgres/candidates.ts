import type { DatabaseSurvey, FlywayHistory, FoundTable, SchemaSurvey } from './database-survey.ts';
import { TABLE_NAMES, TABLES, type Service, type TableName } from './services.ts';

/** A schema of one database that may be a service's. */
export interface Candidate {
  readonly database: DatabaseSurvey;
  readonly schema: SchemaSurvey;
  readonly tables: Readonly<Partial<Record<TableName, FoundTable>>>;
  readonly history: FlywayHistory;
  /** Sentences' parts: why it cannot be used. Empty: it can. */
  readonly lacks: readonly string[];
  /** Whether it is so like the service's that it must be it, and two of them are one too many. */
  readonly isIt: boolean;
}

export function tablesOf(service: Service): readonly TableName[] {
  return TABLE_NAMES.filter((table) => TABLES[table].service === service);
}

/** What of this database could be the service's: schemas with at least one of its tables, the best first. */
export function candidatesIn(database: DatabaseSurvey, service: Service): Candidate[] {
  const found = database.schemas
    .map((schema) => candidate(database, schema, service))
    .filter(({ tables }) => Object.keys(tables).length > 0);
  const complete = found.filter(({ isIt }) => isIt);
  // What this role may enter goes before what it may not, and "public" before the rest.
  const usable = complete.filter(({ schema }) => schema.usable);
  const chosen = usable.length > 0 ? usable : complete;
  const inPublic = chosen.filter(({ schema }) => schema.name === 'public');
  if (inPublic.length > 0) return inPublic;
  return chosen.length > 0 ? chosen : found.sort((one, other) => one.lacks.length - other.lacks.length);
}

function candidate(database: DatabaseSurvey, schema: SchemaSurvey, service: Service): Candidate {
  const own = tablesOf(service);
  const tables: Partial<Record<TableName, FoundTable>> = {};
  const lacks: string[] = [];
  let wanted = 0;
  let there = 0;
  for (const name of own) {
    const table = schema.tables.get(name);
    wanted += TABLES[name].columns.length;
    if (!table) {
      lacks.push(`the table ${name} is missing`);
      continue;
    }
    tables[name] = table;
    there += TABLES[name].columns.filter((column) => table.columns.has(column)).length;
    lacks.push(...faultsOf(table));
  }
  const complete = Object.keys(tables).length === own.length;
  return { database, schema, tables, history: schema.history, lacks, isIt: complete && there * 2 > wanted };
}

function faultsOf(table: FoundTable): string[] {
  if (table.notATable) return [`${table.name} is not a table (a view, perhaps)`];
  if (table.rowsHidden)
    return [
      `row level security on ${table.name} would hide rows from this role (give it BYPASSRLS, or switch it off for the table)`,
    ];
  const faults: string[] = [];
  for (const name of TABLES[table.name].columns) {
    const column = table.columns.get(name);
    if (!column) faults.push(`the column ${table.name}.${name} is missing`);
    else if (!EXPECTED[kindOf(name)].includes(column.type))
      faults.push(`${table.name}.${name} is ${column.type} and not ${EXPECTED[kindOf(name)][0]}`);
  }
  return faults;
}

type Kind = 'uuid' | 'boolean' | 'integer' | 'instant' | 'texts' | 'document' | 'text';

/** By kind of column, the types that can be read and written; the first is OpenGate v1.1.0's. */
const EXPECTED: Readonly<Record<Kind, readonly string[]>> = {
  uuid: ['uuid'],
  boolean: ['boolean'],
  integer: ['integer', 'smallint', 'bigint'],
  instant: ['timestamp with time zone'],
  texts: ['text[]', 'character varying[]'],
  // jsonb before migration V2 of the realm service.
  document: ['text', 'jsonb', 'json', 'character varying'],
  text: ['character varying', 'text', 'character'],
};

const KINDS: Readonly<Record<string, Kind>> = {
  id: 'uuid',
  user_id: 'uuid',
  role_id: 'uuid',
  group_id: 'uuid',
  parent_id: 'uuid',
  enabled: 'boolean',
  mfa_required: 'boolean',
  email_verified: 'boolean',
  composite: 'boolean',
  public_client: 'boolean',
  pkce_required: 'boolean',
  token_lifespan_seconds: 'integer',
  refresh_token_lifespan_seconds: 'integer',
  created_at: 'instant',
  updated_at: 'instant',
  redirect_uris: 'texts',
  web_origins: 'texts',
  grant_types: 'texts',
  scopes: 'texts',
  password_policy: 'document',
  smtp_settings: 'document',
  conditions: 'document',
};

function kindOf(column: string): Kind {
  return KINDS[column] ?? 'text';
}
