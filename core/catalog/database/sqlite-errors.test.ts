import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { translateSqliteError, withSqliteErrors } from './sqlite-errors.ts';

describe('errors of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'DISK_FULL'],
    ['SQLITE_BUSY', 'CATALOG_LOCKED'],
    ['SQLITE_BUSY_SNAPSHOT', 'CATALOG_LOCKED'],
    ['SQLITE_LOCKED_SHAREDCACHE', 'CATALOG_LOCKED'],
    ['SQLITE_CORRUPT_VTAB', 'CATALOG_DAMAGED'],
    ['SQLITE_NOTADB', 'CATALOG_DAMAGED'],
    ['SQLITE_IOERR_SHORT_READ', 'CATALOG_DAMAGED'],
    ['SQLITE_IOERR_FSYNC', 'FILE_FAILED'],
    ['SQLITE_READONLY_DIRECTORY', 'FILE_FAILED'],
    ['SQLITE_CANTOPEN', 'FILE_FAILED'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'INTERNAL'],
    ['SQLITE_ERROR', 'INTERNAL'],
  ])('%s is %s', (sqlite, code) => {
    const cause = new Database.SqliteError('said by SQLite', sqlite);
    const translated = translateSqliteError(cause);
    expect(translated).toMatchObject({ code, cause });
    expect(translated.remedy).not.toBe('');
  });

  it('are told by their message where their code says nothing', () => {
    const error = new Database.SqliteError('unsupported file format', 'SQLITE_ERROR');
    expect(translateSqliteError(error).code).toBe('CATALOG_DAMAGED');
  });

  it('are met where they happen; ours pass through', () => {
    const db = new Database(':memory:');
    expect(() => withSqliteErrors(() => db.exec('CREATE TABLE nonsense'))).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    const own = new AppError('NOT_FOUND', 'Not there.');
    expect(() =>
      withSqliteErrors(() => {
        throw own;
      }),
    ).toThrow(own);
    expect(withSqliteErrors(() => db.prepare('SELECT 1').pluck().get())).toBe(1);
    db.close();
  });
});
