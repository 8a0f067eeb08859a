import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { CatalogView } from '../../../contract/catalog-folder.ts';
import { AppError } from '../../../contract/errors.ts';
import { waysIn } from '../vault/key-slots.ts';
import { readableCopy } from '../copies/readable-copy.ts';
import { catalogFolder, holdsCatalog } from './catalog-folder.ts';
import { APPLICATION_ID, openDatabase } from './open-database.ts';
import { withSqliteErrors } from './sqlite-errors.ts';

/**
 * What a catalog tells without a key: also to those who have lost it. Reads only.
 *
 * @param known the newest version of the tables that this program knows
 * @throws AppError CATALOG_MISSING, CATALOG_DAMAGED, CATALOG_LOCKED, FILE_FAILED
 */
export async function describeCatalog(dir: string, known: number): Promise<CatalogView> {
  return await lookIntoCatalog(dir, (db) => describeOpen(db, dir, known));
}

/**
 * Opens a catalog's file to look at what needs no key.
 *
 * @throws AppError CATALOG_MISSING, CATALOG_DAMAGED, CATALOG_LOCKED, FILE_FAILED
 */
export async function lookIntoCatalog<T>(dir: string, look: (db: Database) => T | Promise<T>): Promise<T> {
  const folder = catalogFolder(dir);
  if (!holdsCatalog(folder)) throw missingCatalog(dir);
  const copy = await readableCopy(folder);
  let db: Database | undefined;
  try {
    db = openDatabase((copy?.folder ?? folder).file, { readOnly: true });
    return await look(db);
  } finally {
    db?.close();
    copy?.remove();
  }
}

/** The same of a catalog that is open already. */
export function describeOpen(db: Database, dir: string, known: number): CatalogView {
  const { file } = catalogFolder(dir);
  return withSqliteErrors(() => {
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw foreign(file);
    const { id, schema_version, created_at } = db
      .prepare<[], { id: string; schema_version: number; created_at: string }>(
        'SELECT id, schema_version, created_at FROM catalog',
      )
      .get()!;
    const ways = waysIn(db, id);
    return {
      dir,
      id,
      version: schema_version,
      knownVersion: known,
      createdAt: created_at,
      waysIn: ways,
      recoveryKey: ways.some(({ kind, damaged }) => kind === 'recovery' && !damaged),
      bytes: bytesOf(file) + bytesOf(`${file}-wal`),
      ...(schema_version <= known && { counts: countsIn(db) }),
    };
  });
}

function countsIn(db: Database): NonNullable<CatalogView['counts']> {
  const count = (what: string) => db.prepare<[], number>(`SELECT count(*) FROM ${what}`).pluck().get() ?? 0;
  return {
    snapshots: count('snapshots WHERE trashed_at IS NULL'),
    trash: count('snapshots WHERE trashed_at IS NOT NULL'),
    environments: count('environments'),
    plans: count('plans'),
    jobs: count('jobs'),
  };
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

export function missingCatalog(dir: string): AppError {
  return new AppError('CATALOG_MISSING', `There is no catalog in “${dir}”.`, {
    notChanged: 'Nothing was created.',
    remedy:
      'Check the folder (--catalog or DRAWBRIDGE_CATALOG). Adding an environment there creates a new catalog.',
    details: { dir },
  });
}

function foreign(file: string): AppError {
  return new AppError(
    'CATALOG_DAMAGED',
    `“${file}” is an SQLite database, but not one that Drawbridge made.`,
    {
      notChanged: 'The file was not touched.',
      remedy: 'Check the folder (--catalog or DRAWBRIDGE_CATALOG).',
    },
  );
}
