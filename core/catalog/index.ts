import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { createCaptureMemories, type CaptureMemories } from './captures/capture-memories.ts';
import { catalogFolder, createFolder, holdsCatalog, prepareFolder } from './database/catalog-folder.ts';
import { openDatabase } from './database/open-database.ts';
import { translateSqliteError, withSqliteErrors } from './database/sqlite-errors.ts';
import { createEnvironmentStore, type EnvironmentStore } from './environments/environment-store.ts';
import { createJobStore, type JobStore } from './jobs/job-store.ts';
import { createLeases, type Leases } from './jobs/leases.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { bringUpToDate, checkIntegrity, isEmpty, layOut } from './migrations/schema.ts';
import { createKeepingSettings, type KeepingSettingsStore } from './keeping/keeping-settings.ts';
import { createPlanStore, type PlanStore } from './plans/plan-store.ts';
import { createSeal } from './seal.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { createCatalogSpace, type CatalogSpace } from './space/catalog-space.ts';
import { createSnapshotStore } from './snapshots/create-snapshot-store.ts';
import { insertSlot, readSlots } from './vault/key-slots.ts';
import { SCRYPT_COST, type ScryptCost } from './vault/passphrase.ts';
import { addRecoverySlot } from './vault/recovery-slot.ts';
import { newKey, unlock, type KeySource, type NewKey } from './vault/unlock.ts';

export type { KeySource } from './vault/unlock.ts';

export interface OpenCatalogOptions {
  /** The catalog's folder. */
  readonly dir: string;
  readonly keys: KeySource;
  /** Create the catalog if there is none. */
  readonly create?: boolean;
  /** Never set outside tests. */
  readonly testing?: {
    /** Cost for new passphrase slots. */
    readonly scrypt?: ScryptCost;
    /** Largest size of the database in pages of 4 KiB: a full disk. */
    readonly maxPages?: number;
    readonly migrations?: readonly string[];
    readonly now?: () => Date;
  };
}

/** An open, unlocked catalog. Several processes may have the same one open. */
export interface Catalog {
  readonly dir: string;
  readonly snapshots: SnapshotStore;
  readonly environments: EnvironmentStore;
  readonly plans: PlanStore;
  readonly jobs: JobStore;
  /** For work on one resource by one process at a time, such as a target realm during an apply. */
  readonly leases: Leases;
  readonly captureMemories: CaptureMemories;
  readonly space: CatalogSpace;
  /** How long it keeps what nobody asked it to keep for good. */
  readonly keeping: KeepingSettingsStore;
  /** The clock that everything in it goes by. */
  readonly now: () => Date;
  /** A folder of the catalog for temporary files. */
  readonly stagingDir: string;
  /** SQLite's own check of the whole file, in time proportional to its size. @throws AppError CATALOG_DAMAGED */
  checkIntegrity: () => void;
  /**
   * A new recovery key, which opens the catalog when its passphrase or keychain is lost. To be shown once: it is not
   * stored, and replaces an earlier one.
   */
  createRecoveryKey: () => string;
  close: () => void;
}

/**
 * Opens a catalog and marks jobs whose process died as interrupted.
 *
 * @throws AppError CATALOG_MISSING, CATALOG_NEWER, CATALOG_DAMAGED, CATALOG_LOCKED, WRONG_KEY, PASSPHRASE_NEEDED,
 * KEYCHAIN_FAILED, FILE_FAILED, DISK_FULL
 */
export async function openCatalog({
  dir,
  keys,
  create = false,
  testing = {},
}: OpenCatalogOptions): Promise<Catalog> {
  const migrations = testing.migrations ?? MIGRATIONS;
  const folder = catalogFolder(dir);
  // The key comes first: without one, not even an empty file is left behind.
  let fresh = holdsCatalog(folder) ? undefined : await keyOfNewCatalog();
  let freshIsUsed = false;
  let db: Database | undefined;
  try {
    if (fresh) createFolder(folder);
    prepareFolder(folder);
    db = openDatabase(folder.file, { maxPages: testing.maxPages });
    if (isEmpty(db)) {
      fresh ??= await keyOfNewCatalog();
      freshIsUsed = layOutWith(db, fresh);
    }
    bringUpToDate(db, migrations);
    const dataKey =
      fresh && freshIsUsed ? fresh.dataKey : await unlock(catalogId(db), readSlots(db, catalogId(db)), keys);
    const catalog = assemble(db, dataKey);
    catalog.jobs.markInterrupted();
    return catalog;
  } catch (error) {
    db?.close();
    throw translateSqliteError(error);
  } finally {
    if (!freshIsUsed) await fresh?.discard();
  }

  async function keyOfNewCatalog(): Promise<NewKey> {
    if (!create)
      throw new AppError('CATALOG_MISSING', `There is no catalog in “${dir}”.`, {
        notChanged: 'Nothing was created.',
        remedy:
          'Check the folder (--catalog or DRAWBRIDGE_CATALOG). Adding an environment there creates a new catalog.',
        details: { dir },
      });
    return newKey(randomUUID(), keys, testing.scrypt ?? SCRYPT_COST);
  }

  /** @returns false when another process was quicker: then its catalog is the one to unlock */
  function layOutWith(db: Database, key: NewKey): boolean {
    const now = timestamp();
    const layOutOnce = db.transaction(() => {
      if (!isEmpty(db)) return false;
      layOut(db, migrations, { id: key.catalogId, now });
      insertSlot(db, key.catalogId, key.slot, now);
      return true;
    });
    return withSqliteErrors(() => layOutOnce.immediate());
  }

  function timestamp(): string {
    return (testing.now?.() ?? new Date()).toISOString();
  }

  function assemble(db: Database, dataKey: Buffer): Catalog {
    const { now } = testing;
    const seal = createSeal(dataKey);
    const leases = createLeases({ db, seal, now });
    return {
      dir,
      stagingDir: folder.stagingDir,
      snapshots: createSnapshotStore({ db, seal, stagingDir: folder.stagingDir, ...(now && { now }) }),
      environments: createEnvironmentStore({ db, seal, now }),
      plans: createPlanStore({ db, seal, now }),
      jobs: createJobStore({ db, seal, leases, now }),
      leases,
      captureMemories: createCaptureMemories({ db, seal, now }),
      space: createCatalogSpace({ db, seal }),
      keeping: createKeepingSettings({ db, seal }),
      now: now ?? (() => new Date()),
      checkIntegrity: () => checkIntegrity(db),
      createRecoveryKey: () => addRecoverySlot(db, catalogId(db), dataKey, timestamp()),
      close() {
        db.close();
      },
    };
  }
}

function catalogId(db: Database): string {
  return withSqliteErrors(() => db.prepare('SELECT id FROM catalog').pluck().get()) as string;
}
