import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import { APPLICATION_ID } from '../database/open-database.ts';
import { REPAIR_ADVICE } from '../database/advice.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { structureAfter, structureOf } from './structure.ts';

/**
 * The small tables that everything depends on, checked at every opening: a damaged page can make rows vanish without an
 * error. The large ones are proved as they are read, against what these say.
 */
const CHECKED_AT_OPEN = [
  'sqlite_schema',
  'catalog',
  'key_slots',
  'environments',
  'plans',
  'jobs',
  'leases',
  'capture_memories',
  // Empty, but while a capture is broken off.
  'capture_answers',
  'catalog_settings',
  'schedules',
  'snapshots',
  'snapshot_sections',
  'chunk_lists',
];

/**
 * Whether the file holds nothing yet: new, or left by a creation that was killed before its one transaction. A catalog
 * whose list of tables was lost is not taken for empty.
 */
export function isEmpty(db: Database): boolean {
  return withSqliteErrors(
    () =>
      db.pragma('application_id', { simple: true }) === 0 &&
      Number(db.pragma('page_count', { simple: true })) <= 1 &&
      db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0,
  );
}

/** Lays out an empty database. To be called inside a transaction, which the caller commits with the first key slot in it. */
export function layOut(
  db: Database,
  migrations: readonly string[],
  catalog: { id: string; now: string },
): void {
  for (const migration of migrations) db.exec(migration);
  db.prepare('INSERT INTO catalog (one, id, schema_version, created_at) VALUES (1, ?, ?, ?)').run(
    catalog.id,
    migrations.length,
    catalog.now,
  );
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${migrations.length}`);
}

/**
 * Brings an existing catalog to the version this program knows, in one transaction, between two integrity checks: it is
 * migrated whole or not at all.
 *
 * @throws AppError CATALOG_NEWER; CATALOG_DAMAGED (also: not a Drawbridge catalog); DISK_FULL; CATALOG_LOCKED
 */
export function bringUpToDate(db: Database, migrations: readonly string[]): void {
  withSqliteErrors(() => {
    if (readVersion(db, migrations.length) < migrations.length) migrate(db, migrations);
    if (structureOf(db) !== structureAfter(migrations))
      throw damaged('Its tables are not those that Drawbridge creates.');
    for (const table of CHECKED_AT_OPEN) checkIntegrity(db, table);
  });
}

function migrate(db: Database, migrations: readonly string[]): void {
  // SQLite's procedure for rebuilding a table needs this off, and it cannot be changed inside a transaction
  // (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
  db.pragma('foreign_keys = OFF');
  try {
    db.transaction(() => {
      // Again, now that nobody else can write: another process may have migrated meanwhile.
      const version = readVersion(db, migrations.length);
      if (version === migrations.length) return;
      checkIntegrity(db);
      for (const migration of migrations.slice(version)) db.exec(migration);
      db.prepare('UPDATE catalog SET schema_version = ?').run(migrations.length);
      db.pragma(`user_version = ${migrations.length}`);
      checkIntegrity(db);
      if (db.prepare('SELECT 1 FROM pragma_foreign_key_check LIMIT 1').get())
        throw damaged('Some of its rows refer to rows that are not there.');
    }).immediate();
  } finally {
    db.pragma('foreign_keys = ON');
  }
}

/** What SQLite's own check finds, a sentence each; at most a hundred. In time proportional to the size of what is checked. */
export function integrityProblems(db: Database, table?: string): string[] {
  const pragma = table === undefined ? 'integrity_check(100)' : `integrity_check('${table}')`;
  const found = withSqliteErrors(() => db.pragma(pragma)) as { integrity_check: string }[];
  return found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
}

/** @throws AppError CATALOG_DAMAGED naming what SQLite found */
export function checkIntegrity(db: Database, table?: string): void {
  const problems = integrityProblems(db, table);
  if (problems.length > 0) throw damaged('SQLite’s integrity check failed.', problems);
}

function readVersion(db: Database, known: number): number {
  const pragma = (name: string) => Number(db.pragma(name, { simple: true }));
  if (pragma('application_id') !== APPLICATION_ID)
    throw damaged('It is an SQLite database, but not one that Drawbridge made.');
  const version = pragma('user_version');
  const recorded = db
    .prepare("SELECT count(*) FROM pragma_table_info('catalog') WHERE name = 'schema_version'")
    .pluck()
    .get();
  const repeated =
    recorded === 1 ? db.prepare('SELECT schema_version FROM catalog').pluck().get() : undefined;
  if (version < 1 || repeated !== version) throw damaged('Its version number is not what was written.');
  if (version > known)
    throw new AppError(
      'CATALOG_NEWER',
      `The catalog has version ${version}; this Drawbridge knows versions up to ${known}.`,
      {
        notChanged: 'The catalog was not changed.',
        remedy:
          'Use the newer Drawbridge that last opened this catalog, or another catalog folder (--catalog).',
        details: { catalogVersion: version, knownVersion: known },
      },
    );
  return version;
}

function damaged(what: string, problems?: readonly string[]): AppError {
  return new AppError('CATALOG_DAMAGED', `The catalog is damaged. ${what}`, {
    notChanged: 'The catalog was not changed.',
    remedy: REPAIR_ADVICE,
    ...(problems && { details: { problems } }),
  });
}
