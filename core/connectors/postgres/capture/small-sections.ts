import pg from 'pg';
import { canonicalRecord } from '../../../model/canonical.ts';
import { parseExact } from '../../../model/exact-json.ts';
import { REDACTED } from '../../../model/secret.ts';
import type { JsonObject, JsonValue, SectionBatch } from '../../../model/record.ts';
import type { Table } from '../layout.ts';
import { SECTION_TABLES } from '../section-tables.ts';
import { TABLES, type TableName } from '../services.ts';
import { unknownColumns } from './columns.ts';
import { jsonQuery, jsonRows } from './json-rows.ts';
import { tableOf, type Reading } from './reading.ts';

/** `column AS "member"` for the columns that we know and those that we do not. */
function selected(table: Table, columns: Readonly<Record<string, string>>): string {
  const known = Object.entries(columns).map(
    ([member, column]) => `${column} AS ${pg.escapeIdentifier(member)}`,
  );
  const unknown = unknownColumns(table).map(({ member, sql }) => `${sql} AS ${pg.escapeIdentifier(member)}`);
  return [...known, ...unknown].join(', ');
}

/** The rows of the realm in one table, with the members' names. */
export async function* sectionRows(
  reading: Reading,
  name: TableName,
  columns: Readonly<Record<string, string>>,
  tail?: string,
): AsyncGenerator<readonly JsonObject[]> {
  const table = tableOf(reading, name);
  const own = name === 'realms' ? 'name' : 'realm_name';
  const rows = `SELECT ${selected(table, columns)} FROM ${table.sql} WHERE ${own} = ${reading.realmSql}`;
  yield* jsonRows(name, reading.copy(reading.session(TABLES[name].service), jsonQuery(rows, tail)));
}

/** At most one batch, of one record. */
export async function* captureRealmRecord(reading: Reading): AsyncGenerator<SectionBatch> {
  for await (const batch of sectionRows(reading, 'realms', SECTION_TABLES.realm.members))
    yield {
      section: 'realm',
      records: batch.map((row) =>
        canonicalRecord('realm', { ...row, ...parsed(row, 'passwordPolicy'), ...parsed(row, 'smtpConfig') }),
      ),
    };
}

/** The two settings hold JSON as text (as jsonb before migration V2); whatever else somebody put there stays text. */
function parsed(row: JsonObject, member: string): JsonObject {
  const text = row[member];
  if (typeof text !== 'string') return {};
  try {
    return { [member]: parseExact(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export async function* captureRoles(reading: Reading): AsyncGenerator<SectionBatch> {
  for await (const rows of sectionRows(reading, 'roles', SECTION_TABLES.roles.members)) {
    const records = reading.nameless.without('roles', 'name', rows);
    if (records.length > 0)
      yield { section: 'roles', records: records.map((row) => canonicalRecord('roles', row)) };
  }
}

export async function* captureClients(reading: Reading): AsyncGenerator<SectionBatch> {
  const { secretHash: column, ...members } = SECTION_TABLES.clients.members;
  const columns = {
    ...members,
    // Without credentials the hash does not even leave the server.
    ...(reading.credentials
      ? { secretHash: column! }
      : { clientSecret: `CASE WHEN ${column} IS NOT NULL THEN true END` }),
  };
  for await (const rows of sectionRows(reading, 'oauth_clients', columns)) {
    const records = reading.nameless.without('clients', 'clientId', rows);
    if (records.length > 0)
      yield {
        section: 'clients',
        records: records.map((row) => canonicalRecord('clients', withoutSecret(row))),
      };
  }
}

function withoutSecret(row: JsonObject): JsonObject {
  return row['clientSecret'] === undefined ? row : { ...row, clientSecret: REDACTED };
}

/** Policies have no key in the database: those of one name become one record, the others in a member. */
export async function* capturePolicies(reading: Reading): AsyncGenerator<SectionBatch> {
  const order = `ORDER BY name COLLATE "C", resource COLLATE "C", action COLLATE "C", effect COLLATE "C",
                          conditions::text COLLATE "C", id`;
  let main: JsonObject | undefined;
  let additional: JsonValue[] = [];
  const finished = (): SectionBatch[] => {
    if (main === undefined) return [];
    const body = additional.length === 0 ? main : { ...main, additional };
    additional = [];
    return [{ section: 'policies', records: [canonicalRecord('policies', body)] }];
  };
  for await (const rows of sectionRows(reading, 'policies', SECTION_TABLES.policies.members, order)) {
    for (const row of reading.nameless.without('policies', 'name', rows)) {
      if (main !== undefined && row['name'] === main['name']) {
        const { name: _name, ...rest } = row;
        additional.push(rest);
        continue;
      }
      yield* finished();
      main = row;
    }
  }
  yield* finished();
}
