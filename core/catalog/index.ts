import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { isAppError } from '../../contract/errors.ts';
import { assembleCatalog, idOf, type Catalog, type CatalogTesting } from './catalog.ts';
import { readableCopy } from './copies/readable-copy.ts';
import { catalogFolder, createFolder, holdsCatalog, prepareFolder } from './database/catalog-folder.ts';
import { missingCatalog } from './database/describe-catalog.ts';
import { openDatabase, type OpenDatabaseOptions } from './database/open-database.ts';
import { translateSqliteError, withSqliteErrors } from './database/sqlite-errors.ts';
import { refuseBrokenLog } from './database/write-ahead-log.ts';
import { createReserve } from './jobs/reserve.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { bringUpToDate, isEmpty, layOut } from './migrations/schema.ts';
import { insertSlot, readSlots } from './vault/key-slots.ts';
import type { Keychain } from './vault/keychain.ts';
import { SCRYPT_COST } from './vault/passphrase.ts';
import { newKey, unlock, type KeySource, type NewKey } from './vault/unlock.ts';

export type { Catalog, CatalogTesting } from './catalog.ts';
export { openMemoryCatalog } from './memory-catalog.ts';
export type { KeyQuestion, KeySource } from './vault/unlock.ts';

export interface OpenCatalogOptions {
  /** The catalog's folder. */
  readonly dir: string;
  readonly keys: KeySource;
  /** What the catalog's key may be put into once it is open, where that is not to open it now; default: that of `keys`. */
  readonly keychain?: Keychain | undefined;
  /** Create the catalog if there is none. */
  readonly create?: boolean;
  /** Never set outside tests. */
  readonly testing?: CatalogTesting;
}

/**
 * Opens a catalog and marks jobs whose process died as interrupted. One that cannot be written is opened as a copy
 * (`readOnly`).
 *
 * @throws AppError CATALOG_MISSING, CATALOG_NEWER, CATALOG_DAMAGED, CATALOG_LOCKED, WRONG_KEY, PASSPHRASE_NEEDED,
 * KEYCHAIN_FAILED, FILE_FAILED, DISK_FULL
 */
export async function openCatalog({
  dir,
  keys,
  keychain = keys.keychain,
  create = false,
  testing = {},
}: OpenCatalogOptions): Promise<Catalog> {
  const migrations = testing.migrations ?? MIGRATIONS;
  const folder = catalogFolder(dir);
  // The key comes first: without one, not even an empty file is left behind.
  let fresh = holdsCatalog(folder) ? undefined : await keyOfNewCatalog();
  let freshIsUsed = false;
  const copy = fresh ? undefined : await readableCopy(folder);
  const { file, stagingDir } = copy?.folder ?? folder;
  let db: Database | undefined;
  try {
    if (fresh) createFolder(folder);
    prepareFolder(copy?.folder ?? folder);
    // Before SQLite looks at it, which takes the first broken frame for the log's end and forgets all that follow.
    await refuseBrokenLog(file);
    db = openEvenOnFullDisk(file, { maxPages: testing.maxPages, patience: testing.patience });
    if (isEmpty(db)) {
      fresh ??= await keyOfNewCatalog();
      freshIsUsed = layOutWith(db, fresh);
    }
    bringUpToDate(db, migrations);
    const id = idOf(db);
    const dataKey = fresh && freshIsUsed ? fresh.dataKey : await unlock(id, readSlots(db, id), keys);
    const catalog = assembleCatalog(
      db,
      dataKey,
      { dir, file, stagingDir },
      {
        keychain,
        testing,
        reserve: createReserve(stagingDir),
        isNew: freshIsUsed,
        ...(copy && { readOnly: true, afterClose: copy.remove }),
      },
    );
    noticeDeaths(catalog);
    return catalog;
  } catch (error) {
    db?.close();
    copy?.remove();
    throw translateSqliteError(error);
  } finally {
    if (!freshIsUsed) await fresh?.discard();
  }

  async function keyOfNewCatalog(): Promise<NewKey> {
    if (!create) throw missingCatalog(dir);
    return newKey(randomUUID(), keys, testing.scrypt ?? SCRYPT_COST);
  }

  /** @returns false when another process was quicker: then its catalog is the one to unlock */
  function layOutWith(db: Database, key: NewKey): boolean {
    const now = (testing.now?.() ?? new Date()).toISOString();
    const layOutOnce = db.transaction(() => {
      if (!isEmpty(db)) return false;
      layOut(db, migrations, { id: key.catalogId, now });
      insertSlot(db, key.catalogId, key.slot, now);
      return true;
    });
    return withSqliteErrors(() => layOutOnce.immediate());
  }
}

/**
 * What is whole in a catalog must be found out, and its snapshots got out of it, on the day its disk is full as well. Then
 * SQLite has no room for the memory that processes share, of which only one needs none that has the catalog alone.
 */
function openEvenOnFullDisk(file: string, options: OpenDatabaseOptions): Database {
  try {
    return openDatabase(file, options);
  } catch (error) {
    if (!isAppError(error, 'DISK_FULL')) throw error;
    return openDatabase(file, { ...options, alone: true });
  }
}

/** Where there is no room to note that a job has died, it is noted another time. */
function noticeDeaths({ jobs }: Catalog): void {
  try {
    jobs.markInterrupted();
  } catch (error) {
    if (!isAppError(error, 'DISK_FULL')) throw error;
  }
}
