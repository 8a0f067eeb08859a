import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import { withSqliteErrors } from './sqlite-errors.ts';

const SHOWN = 5;

/**
 * The full id that an id or the beginning of one stands for.
 *
 * @param table a table with a unique text column `id`
 * @param what the thing's name in messages ("job")
 * @param remedy what to do when there is none
 * @throws AppError NOT_FOUND, AMBIGUOUS (the prefix fits several; `details.matches` has the first)
 */
export function findByPrefix(
  db: Database,
  table: string,
  idOrPrefix: string,
  what: string,
  remedy = `See which there are: drawbridge ${what} list.`,
): string {
  const prefix = idOrPrefix.toLowerCase();
  const matches =
    prefix === ''
      ? []
      : withSqliteErrors(() =>
          db
            .prepare<{ prefix: string }, string>(
              `SELECT id FROM ${table} WHERE substr(id, 1, length(@prefix)) = @prefix ORDER BY id <> @prefix, id LIMIT ${SHOWN}`,
            )
            .pluck()
            .all({ prefix }),
        );
  const [first] = matches;
  if (first === undefined)
    throw new AppError('NOT_FOUND', `There is no ${what} “${idOrPrefix}”.`, {
      // Also where a job looks one up that has written already.
      notChanged: `No other ${what} was used instead.`,
      remedy,
    });
  if (matches.length > 1 && first !== prefix)
    throw new AppError('AMBIGUOUS', `“${idOrPrefix}” fits more than one ${what}: ${matches.join(', ')}.`, {
      remedy: 'Give more characters of the id.',
      details: { matches },
    });
  return first;
}
