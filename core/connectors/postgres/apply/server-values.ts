import { isAppError } from '../../../../contract/errors.ts';
import type { Table } from '../layout.ts';
import type { Session } from '../session.ts';
import type { ApplyItem } from '../../connector.ts';
import { cell } from './copy-text.ts';
import { unfit, type EncodedRow, type ServerValue } from './rows.ts';
import { quoted } from '../quoted.ts';

/** The row's cells with what only the server could write. */
export async function finishedCells(
  session: Session,
  table: Table,
  item: ApplyItem,
  { cells, fromServer }: EncodedRow,
): Promise<readonly string[]> {
  if (!fromServer) return cells;
  const texts = await serverTexts(session, table, fromServer.values()).catch((error: unknown) => {
    // Which of them it was does not matter much: there is hardly ever more than one.
    const [first] = fromServer.values();
    throw isAppError(error, 'REQUEST_REFUSED')
      ? unfit(item, first!.column.name, 'the column is of another form')
      : error;
  });
  const finished = [...cells];
  for (const [i, { column }] of fromServer) {
    const text = texts.get(column.name);
    if (text === undefined) throw unfit(item, column.name, 'the column is of another form');
    finished[i] = cell(text);
  }
  return finished;
}

/**
 * Values of types whose text only the server knows how to write: composites of a newer release, which `to_jsonb` has made
 * objects of. Slow, and hardly ever needed.
 *
 * @returns column → text
 */
async function serverTexts(
  session: Session,
  table: Table,
  values: Iterable<ServerValue>,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { column, value } of values) {
    const [found] = await session.query<{ text: string | null }>(
      `SELECT (jsonb_populate_record(NULL::${table.sql}, $1::jsonb)).${quoted(column.name)}::text AS text`,
      [JSON.stringify({ [column.name]: value })],
    );
    if (found?.text != null) texts.set(column.name, found.text);
  }
  return texts;
}
