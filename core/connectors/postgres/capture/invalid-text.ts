import { AppError } from '../../../../contract/errors.ts';

/**
 * A database of encoding SQL_ASCII takes any bytes for text. What is no UTF-8 cannot be carried as JSON, and guessing at
 * its encoding would change it.
 *
 * @param source "users.email"
 */
export function invalidText(source: string, id: string): AppError {
  const [table, column] = source.split('.');
  const where = column === undefined ? `table ${table}` : `column ${column} of table ${table}`;
  return new AppError('UNEXPECTED_ANSWER', `A text in ${where} is not valid UTF-8: the row with id ${id}.`, {
    notChanged: 'No snapshot was made; nothing was changed.',
    remedy: 'Correct the text in the database (its encoding, SQL_ASCII, checks nothing), then try again.',
    details: { table, ...(column !== undefined && { column }), id },
  });
}
