import { AppError } from '../../../../contract/errors.ts';
import { canonicalRecord } from '../../../model/canonical.ts';
import { parseLine } from '../../../model/exact-json.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { CanonicalRecord, JsonObject, SectionBatch } from '../../../model/record.ts';
import type { CopyOut } from '../copy-out.ts';
import type { Session } from '../session.ts';
import { unknownColumns } from './columns.ts';
import { lineBatches, sortsAsKeys, tableOf, type Reading } from './reading.ts';
import { RowLines, type RowShape } from './row-lines.ts';

const FIELDS: RowShape['fields'] = [
  { member: 'username', kind: 'text', key: true, owner: true, source: 'users.username' },
  { member: 'type', kind: 'text', key: true, source: 'user_credentials.credential_type' },
  { member: 'secretHash', kind: 'secret', source: 'user_credentials.secret_hash' },
  'id',
  { member: 'createdAt', kind: 'instant', source: 'user_credentials.created_at' },
  { member: 'updatedAt', kind: 'instant', source: 'user_credentials.updated_at' },
];

/** Nobody has as many; the line that they make is held in memory. */
const MOST_DOUBLES = 10_000;
/** Of the others of one user and type all but these is kept: who they belong to is told by the main one. */
const NOT_OF_OTHERS = new Set(['username', 'type']);

/**
 * Begins to read the credentials: the server joins and sorts them meanwhile. Of one user and type the newest comes last.
 *
 * @param session in which the user service's tables are seen as of the same moment
 */
export function beginCredentials(reading: Reading, session: Session): CopyOut {
  const table = tableOf(reading, 'user_credentials');
  const unknown = unknownColumns(table).map(({ sql }) => `, to_json(c.${sql})::text`);
  return reading.copy(
    session,
    `SELECT c.id::uuid, u.username::text, c.credential_type::text, c.secret_hash::text,
            c.created_at::timestamptz, c.updated_at::timestamptz${unknown.join('')}
     FROM ${table.sql} AS c JOIN ${tableOf(reading, 'users').sql} AS u ON u.id = c.user_id
     WHERE u.realm_name = ${reading.realmSql}
     ORDER BY u.username COLLATE "C", c.credential_type COLLATE "C",
              c.updated_at NULLS FIRST, c.created_at NULLS FIRST, c.id`,
  );
}

export async function* captureCredentials(reading: Reading, copy: CopyOut): AsyncGenerator<SectionBatch> {
  const table = tableOf(reading, 'user_credentials');
  const shape: RowShape = {
    section: 'credentials',
    table: 'user_credentials',
    fields: FIELDS,
    unknown: unknownColumns(table),
  };
  const lines = new RowLines(shape, reading.nameless.ofUsers('credentials'));
  const ordered = sortsAsKeys(reading, 'user');
  const doubles = new Doubles();
  for await (const batch of lineBatches('credentials', copy, lines, ordered)) {
    const records = doubles.joined(batch.records);
    if (records.length > 0) yield { ...batch, records };
  }
  const records = doubles.rest();
  if (records.length > 0) yield { section: 'credentials', records, ...(ordered && { ordered }) };
}

/** Makes one record of those that follow one another with one key: the last of them, with the others in a member. */
class Doubles {
  #last: CanonicalRecord | undefined;
  #others: JsonObject[] = [];

  /** The last one waits: another of its key may come. */
  joined(records: readonly CanonicalRecord[]): CanonicalRecord[] {
    const joined: CanonicalRecord[] = [];
    for (const record of records) {
      const last = this.#last;
      if (last?.key === record.key) this.#others.push(this.#other(last));
      else if (this.#others.length > 0) joined.push(...this.rest());
      else if (last) joined.push(last);
      this.#last = record;
    }
    return joined;
  }

  rest(): CanonicalRecord[] {
    const last = this.#last;
    if (last === undefined) return [];
    const others = this.#others;
    this.#last = undefined;
    if (others.length === 0) return [last];
    this.#others = [];
    return [canonicalRecord('credentials', { ...parseLine(last.line), additional: others })];
  }

  #other({ key, line }: CanonicalRecord): JsonObject {
    if (this.#others.length >= MOST_DOUBLES)
      throw new AppError(
        'UNEXPECTED_ANSWER',
        `“${displayKey(key)}” has more than ${MOST_DOUBLES} credentials.`,
        {
          notChanged: 'No snapshot was made; nothing was changed.',
          remedy: 'A user has one of a type: delete the others from table user_credentials.',
        },
      );
    return Object.fromEntries(Object.entries(parseLine(line)).filter(([name]) => !NOT_OF_OTHERS.has(name)));
  }
}
