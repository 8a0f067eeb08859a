import type { Database as Connection } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import type { Catalog } from '../catalog.ts';
import type { CatalogFolder } from '../database/catalog-folder.ts';
import { openDatabase } from '../database/open-database.ts';
import { translateSqliteError } from '../database/sqlite-errors.ts';

/** How long another process may take to close the catalog. Milliseconds. */
const PATIENCE_MILLISECONDS = 3_000;

/** @throws AppError CATALOG_LOCKED when a job or a schedule is under way */
export function refuseWhileUsed(catalog: Pick<Catalog, 'leases'>, notChanged: string): void {
  const [holder] = catalog.leases.holders();
  if (!holder) return;
  const what = holder.job === undefined ? holder.kind : `job ${holder.job}, ${holder.kind}`;
  throw new AppError('CATALOG_LOCKED', `Somebody is working with the catalog (${what}).`, {
    notChanged,
    remedy:
      holder.job === undefined
        ? 'Wait until that has finished, then try again.'
        : `Wait until it has finished, or cancel it (drawbridge job show ${holder.job}), then try again.`,
  });
}

/** A connection beside which there can be no other. @throws AppError CATALOG_LOCKED */
export function holdAlone(
  { file }: CatalogFolder,
  notChanged: string,
  patience = PATIENCE_MILLISECONDS,
): Connection {
  let db: Connection | undefined;
  try {
    db = openDatabase(file, { alone: true, patience });
    db.exec('BEGIN IMMEDIATE; COMMIT');
    // So that the file alone is the whole catalog.
    db.pragma('wal_checkpoint(TRUNCATE)');
    return db;
  } catch (error) {
    db?.close();
    const translated = translateSqliteError(error);
    if (translated.code !== 'CATALOG_LOCKED') throw translated;
    throw new AppError('CATALOG_LOCKED', 'Another process has the catalog open.', {
      notChanged,
      remedy: 'End every other Drawbridge that uses it, then try again.',
      cause: error,
    });
  }
}
