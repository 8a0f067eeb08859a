import { isUtf8 } from 'node:buffer';
import { parseExact } from '../../../model/exact-json.ts';
import { setMember, type JsonObject } from '../../../model/record.ts';
import type { CopyOut } from '../copy-out.ts';
import { invalidText } from './invalid-text.ts';
import { uuidText } from './uuid-table.ts';

const BATCH_ROWS = 500;
const BATCH_BYTES = 256 * 1024;
/** Where a row's id and its JSON text stand. */
const ID_AT = 6;
const TEXT_AT = 26;

/**
 * What stands between `COPY (` and `)` for `jsonRows`.
 *
 * @param rows a query with a column `id` and one of each member's name
 * @param tail what may follow FROM, of the rows, which are called `row`
 */
export function jsonQuery(rows: string, tail = ''): string {
  return `SELECT row.id::uuid, row_to_json(row)::text FROM (${rows}) AS row ${tail}`;
}

/** Rows as objects, for the sections that are small. Columns that are null are left out. */
export async function* jsonRows(table: string, copy: CopyOut): AsyncGenerator<readonly JsonObject[]> {
  for (let more = true; more;) {
    const rows: JsonObject[] = [];
    let bytesTaken = 0;
    more = await copy.each((bytes, start, end) => {
      const text = bytes.subarray(start + TEXT_AT, end);
      if (!isUtf8(text)) throw invalidText(table, uuidText(bytes, start + ID_AT));
      rows.push(withoutNulls(parseExact(text.toString('utf8')) as JsonObject));
      bytesTaken += text.length;
      return rows.length < BATCH_ROWS && bytesTaken < BATCH_BYTES;
    });
    if (rows.length > 0) yield rows;
  }
}

function withoutNulls(row: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(row)) if (value !== null) setMember(kept, name, value);
  return kept;
}
