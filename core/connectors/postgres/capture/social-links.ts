import type { SectionBatch } from '../../../model/record.ts';
import { unknownColumns } from './columns.ts';
import { lineBatches, sortsAsKeys, tableOf, type Reading } from './reading.ts';
import { RowLines, type RowShape } from './row-lines.ts';

const FIELDS: RowShape['fields'] = [
  { member: 'provider', kind: 'text', key: true, source: 'user_social_links.provider' },
  { member: 'providerUserId', kind: 'text', key: true, source: 'user_social_links.provider_user_id' },
  { member: 'username', kind: 'text', owner: true, source: 'users.username' },
  { member: 'providerEmail', kind: 'text', source: 'user_social_links.provider_email' },
  'id',
];

export async function* captureSocialLinks(reading: Reading): AsyncGenerator<SectionBatch> {
  const table = tableOf(reading, 'user_social_links');
  const unknown = unknownColumns(table);
  const copy = reading.copy(
    reading.session('user'),
    `SELECT l.id::uuid, l.provider::text, l.provider_user_id::text, u.username::text, l.provider_email::text
            ${unknown.map(({ sql }) => `, to_json(l.${sql})::text`).join('')}
     FROM ${table.sql} AS l JOIN ${tableOf(reading, 'users').sql} AS u ON u.id = l.user_id
     WHERE u.realm_name = ${reading.realmSql}
     ORDER BY l.provider COLLATE "C", l.provider_user_id COLLATE "C"`,
  );
  const lines = new RowLines(
    { section: 'socialLinks', table: 'user_social_links', fields: FIELDS, unknown },
    reading.nameless.ofUsers('socialLinks'),
  );
  yield* lineBatches('socialLinks', copy, lines, sortsAsKeys(reading, 'user'));
}
