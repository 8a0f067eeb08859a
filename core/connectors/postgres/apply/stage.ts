import pg from 'pg';
import { AppError, isAppError } from '../../../../contract/errors.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { Section } from '../../../model/sections.ts';
import type { ApplyItem } from '../../connector.ts';
import { copyIn } from '../copy-in.ts';
import type { Table } from '../layout.ts';
import { translated } from '../postgres-errors.ts';
import type { Session } from '../session.ts';
import { unfit } from './rows.ts';
import { quoted } from '../quoted.ts';

/** `c`reate, `u`pdate, `d`elete, `a`: a further row of a record of the same key. */
export type StagedAction = 'c' | 'u' | 'd' | 'a';

/** What each staged row has beside the columns of its table. Names begin with a sign that no column of a table has. */
export const STAGED = {
  /** Number of the item. */
  n: '"#n"',
  action: '"#do"',
  /** Which columns are to be written, one bit for each of `RowEncoder.columns`. */
  set: '"#set"',
  /** Id of the row that is there. */
  row: '"#row"',
  /** Whether further rows of its key are replaced by those staged. */
  replaces: '"#replaces"',
  /** Of the user that it hangs on. */
  user: '"#user"',
} as const;

/** Rows of one section in a temporary table, typed as its table is: a value that does not fit is found when it is sent. */
export class Stage {
  /** `pg_temp."drawbridge_users"` */
  readonly sql: string;
  readonly #session: Session;

  private constructor(session: Session, section: Section) {
    this.#session = session;
    this.sql = `pg_temp.${quoted(`drawbridge_${section}`)}`;
  }

  static async create(session: Session, section: Section, table: Table): Promise<Stage> {
    const stage = new Stage(session, section);
    // Not LIKE: that would take the table's NOT NULL along, and a change need not name every column.
    await session.query(
      `CREATE TEMPORARY TABLE ${stage.sql} ON COMMIT DROP AS
       SELECT NULL::int AS ${STAGED.n}, NULL::"char" AS ${STAGED.action}, NULL::varbit AS ${STAGED.set},
              NULL::uuid AS ${STAGED.row}, NULL::boolean AS ${STAGED.replaces}, NULL::text AS ${STAGED.user}, t.*
       FROM ${table.sql} t WITH NO DATA`,
    );
    return stage;
  }

  /** How to name the columns when rows are sent: those of `STAGED`, but for `row`, and the table's. */
  static columns(columns: readonly string[]): string {
    const { n, action, set, replaces, user } = STAGED;
    return [n, action, set, replaces, user, ...columns.map(quoted)].join(', ');
  }

  async analyze(): Promise<void> {
    await this.#session.query(`ANALYZE ${this.sql}`);
  }

  async empty(): Promise<void> {
    await this.#session.query(`TRUNCATE ${this.sql}`);
  }
}

/**
 * @param items the item of each row, to name the one whose value does not fit
 * @param guard a savepoint that is set before and released afterwards, if all is well, without further messages
 */
export async function sendRows(
  session: Session,
  into: string,
  rows: string | Buffer,
  items: readonly Pick<ApplyItem, 'section' | 'key'>[],
  guard?: string,
): Promise<void> {
  const block = typeof rows === 'string' ? Buffer.from(rows) : rows;
  const copy = `COPY ${into} FROM STDIN`;
  const sql = guard === undefined ? copy : `SAVEPOINT ${guard}; ${copy}; RELEASE SAVEPOINT ${guard}`;
  await session.run(async () => {
    try {
      return await copyIn(session.client, sql, block);
    } catch (error) {
      throw named(error, items) ?? error;
    }
  });
}

/** PostgreSQL tells the line and the column of what it could not take, beside the value, which is not repeated. */
function named(error: unknown, items: readonly Pick<ApplyItem, 'section' | 'key'>[]): AppError | undefined {
  if (isAppError(error) || !(error instanceof pg.DatabaseError)) return undefined;
  if (!/^(?:22|23502|23514)/.test(error.code ?? '')) return undefined;
  const [, line, column] = /COPY .*, line (\d+)(?:, column ([^:]+))?/.exec(error.where ?? '') ?? [];
  const item = items[Number(line) - 1];
  if (!item) return undefined;
  const { constraint } = error;
  const member = column ?? error.column;
  if (member === undefined && constraint !== undefined)
    return new AppError(
      'INVALID_DOCUMENT',
      `“${displayKey(item.key)}” (${item.section}) breaks a rule of the target’s database: constraint “${constraint}”.`,
      {
        remedy:
          'Look at what the constraint demands; correct the record in the source, exclude it, or change the constraint.',
        details: { section: item.section, key: displayKey(item.key), constraint },
      },
    );
  return unfit(item, member ?? 'a member', translated(error).message.replace(/\.$/, ''));
}
