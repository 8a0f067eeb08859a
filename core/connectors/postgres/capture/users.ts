import type { SectionBatch } from '../../../model/record.ts';
import type { CopyOut } from '../copy-out.ts';
import { unknownColumns } from './columns.ts';
import { lineBatches, sortsAsKeys, tableOf, type Reading } from './reading.ts';
import { RoleMappings, within, type IdRange } from './role-mappings.ts';
import { RowLines, type RowShape } from './row-lines.ts';

const FIELDS: RowShape['fields'] = [
  { member: 'username', kind: 'text', key: true, source: 'users.username' },
  { member: 'email', kind: 'text', source: 'users.email' },
  { member: 'firstName', kind: 'text', source: 'users.first_name' },
  { member: 'lastName', kind: 'text', source: 'users.last_name' },
  { member: 'enabled', kind: 'boolean', source: 'users.enabled' },
  { member: 'emailVerified', kind: 'boolean', source: 'users.email_verified' },
  'roles',
  'id',
  { member: 'createdAt', kind: 'instant', source: 'users.created_at' },
  { member: 'updatedAt', kind: 'instant', source: 'users.updated_at' },
];

/** Begins to read the users: the server sorts them meanwhile. */
export function beginUsers(reading: Reading): CopyOut {
  return reading.copy(reading.session('user'), `${selectUsers(reading, {})} ORDER BY username COLLATE "C"`);
}

/**
 * The users, with their roles where these can be read.
 *
 * @param begun a COPY of all of them, if it was begun already
 */
export async function* captureUsers(
  reading: Reading,
  begun: CopyOut | undefined,
): AsyncGenerator<SectionBatch> {
  const table = tableOf(reading, 'users');
  const shape: RowShape = {
    section: 'users',
    table: 'users',
    fields: FIELDS,
    unknown: unknownColumns(table),
  };
  const ordered = sortsAsKeys(reading, 'user');
  const onNameless = (id: string) => reading.nameless.add('users', id);
  if (!reading.mappings) {
    yield* lineBatches('users', begun ?? beginUsers(reading), new RowLines(shape, onNameless), ordered);
    return;
  }
  const mappings = await RoleMappings.of(reading);
  const all = await mappings.all();
  if (all) {
    const lines = new RowLines(shape, onNameless, (bytes, at) => all.textOf(bytes, at));
    yield* lineBatches('users', begun ?? beginUsers(reading), lines, ordered);
    mappings.noteStrangers(all);
  } else {
    await begun?.drain();
    for await (const { range, sets } of mappings.inRanges()) {
      const copy = reading.copy(reading.session('user'), selectUsers(reading, range));
      yield* lineBatches(
        'users',
        copy,
        new RowLines(shape, onNameless, (bytes, at) => sets.textOf(bytes, at)),
        false,
      );
      mappings.noteStrangers(sets);
    }
  }
  reading.warnings.push(...mappings.warnings());
}

function selectUsers(reading: Reading, range: IdRange): string {
  const table = tableOf(reading, 'users');
  const unknown = unknownColumns(table).map(({ sql }) => `, to_json(${sql})::text`);
  return `SELECT id::uuid, username::text, email::text, first_name::text, last_name::text, enabled::boolean,
                 email_verified::boolean, created_at::timestamptz, updated_at::timestamptz${unknown.join('')}
          FROM ${table.sql} WHERE realm_name = ${reading.realmSql}${within('id', range)}`;
}
