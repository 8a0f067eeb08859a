import Database from 'better-sqlite3';
import type { Database as Connection } from 'better-sqlite3';

/**
 * What a database consists of, as comparable text: tables with their columns and references, indexes with their columns,
 * triggers and views whole. Read from SQLite's own understanding rather than the CREATE statements, whose wording after an ALTER TABLE
 * differs between SQLite's versions. `sqlite_stat…` tables come and go with ANALYZE and are left out.
 */
export function structureOf(db: Connection): string {
  const columns = db
    .prepare(
      `SELECT m.type, m.name, c.name, c.type, c."notnull", c.pk
         FROM sqlite_schema m, pragma_table_xinfo(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_stat%' ORDER BY m.name, c.cid`,
    )
    .raw();
  const indexes = db
    .prepare(
      `SELECT i."unique", i.partial, m.name, i.name, c.name, c."desc", c.coll
         FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_stat%' ORDER BY m.name, i.name, c.seqno`,
    )
    .raw();
  const references = db
    .prepare(
      `SELECT m.name, f."table", f."from", f."to", f.on_delete
         FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
        WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`,
    )
    .raw();
  const programs = db
    .prepare(
      `SELECT type, name, sql FROM sqlite_schema WHERE type NOT IN ('table', 'index') ORDER BY type, name`,
    )
    .raw();
  return JSON.stringify([columns.all(), indexes.all(), references.all(), programs.all()]);
}

/** What the migrations make of an empty database. */
export function structureAfter(migrations: readonly string[]): string {
  const reference = new Database(':memory:');
  try {
    for (const migration of migrations) reference.exec(migration);
    return structureOf(reference);
  } finally {
    reference.close();
  }
}
