import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { CatalogView } from '../../contract/catalog-folder.ts';
import { createCaptureMemories, type CaptureMemories } from './captures/capture-memories.ts';
import type { CatalogFolder } from './database/catalog-folder.ts';
import { describeOpen } from './database/describe-catalog.ts';
import { openDatabase } from './database/open-database.ts';
import { withSqliteErrors } from './database/sqlite-errors.ts';
import { createEnvironmentStore, type EnvironmentStore } from './environments/environment-store.ts';
import { verifyCatalog } from './verify-catalog.ts';
import { createJobStore, type JobStore } from './jobs/job-store.ts';
import { createLeases, type Leases } from './jobs/leases.ts';
import type { Reserve } from './jobs/reserve.ts';
import { createKeepingSettings, type KeepingSettingsStore } from './keeping/keeping-settings.ts';
import { MIGRATIONS } from './migrations/migrations.ts';
import { bringUpToDate, checkIntegrity } from './migrations/schema.ts';
import { createPlanStore, type PlanStore } from './plans/plan-store.ts';
import { createScheduleStore, type ScheduleStore } from './schedules/schedule-store.ts';
import { createSeal } from './seal.ts';
import { createCatalogSpace, type CatalogSpace } from './space/catalog-space.ts';
import type { SnapshotStore, VerifyOptions, VerifyReport } from './snapshot-store.ts';
import { createSnapshotStore } from './snapshots/create-snapshot-store.ts';
import { catalogKeys, type CatalogKeys } from './vault/catalog-keys.ts';
import type { Keychain } from './vault/keychain.ts';
import { SCRYPT_COST, type ScryptCost } from './vault/passphrase.ts';

export { isLeaseAlive } from './jobs/leases.ts';

/** Never set outside tests. */
export interface CatalogTesting {
  /** Cost for new passphrase slots. */
  readonly scrypt?: ScryptCost;
  /** Largest size of the database in pages of 4 KiB: a full disk. */
  readonly maxPages?: number;
  readonly migrations?: readonly string[];
  readonly now?: () => Date;
  /** How long to wait for others, in milliseconds. */
  readonly patience?: number;
}

/** An open, unlocked catalog. Several processes may have the same one open. */
export interface Catalog {
  readonly dir: string;
  /** Its database; not in `dir` where that is read from a copy. */
  readonly file: string;
  readonly snapshots: SnapshotStore;
  readonly environments: EnvironmentStore;
  readonly plans: PlanStore;
  readonly jobs: JobStore;
  /** For work on one resource by one process at a time, such as a target realm during an apply. */
  readonly leases: Leases;
  readonly captureMemories: CaptureMemories;
  readonly keys: CatalogKeys;
  readonly schedules: ScheduleStore;
  readonly space: CatalogSpace;
  /** How long it keeps what nobody asked it to keep for good. */
  readonly keeping: KeepingSettingsStore;
  /** The clock that everything in it goes by. */
  readonly now: () => Date;
  /** 32 bytes that decide who becomes whom in pseudonymised copies; never shown. */
  readonly pseudonymKey: Buffer;
  /** A folder of the catalog for temporary files. */
  readonly stagingDir: string;
  /** It cannot be written: this is a copy for as long as it is looked at, and nothing that is stored in it is kept. */
  readonly readOnly: boolean;
  /** There was none before it was opened. */
  readonly isNew: boolean;
  describe: () => CatalogView;
  /** SQLite's own check of the whole file, in time proportional to its size. @throws AppError CATALOG_DAMAGED */
  checkIntegrity: () => void;
  /** Proves every byte of everything. @throws AppError CANCELED, CATALOG_LOCKED, FILE_FAILED */
  verify: (options?: VerifyOptions) => Promise<VerifyReport>;
  /** Opens a copy of its file with the same key. The caller closes it. @throws AppError CATALOG_DAMAGED, FILE_FAILED */
  openCopy: (file: string) => Catalog;
  close: () => void;
}

interface Assembling {
  /** What the database is a copy of cannot be written. */
  readonly readOnly?: boolean;
  readonly isNew?: boolean;
  /** Once the database is closed. */
  readonly afterClose?: () => void;
  readonly keychain?: Keychain | undefined;
  /** Undefined where no jobs are run, or nothing is on a disk. */
  readonly reserve?: Reserve;
  readonly testing?: CatalogTesting;
}

/** What an open database and its data key make up. */
export function assembleCatalog(
  db: Database,
  dataKey: Buffer,
  { dir, file, stagingDir }: CatalogFolder,
  { readOnly = false, isNew = false, afterClose, keychain, reserve, testing = {} }: Assembling = {},
): Catalog {
  const { now, migrations = MIGRATIONS, scrypt = SCRYPT_COST } = testing;
  const seal = createSeal(dataKey);
  const catalogId = idOf(db);
  const leases = createLeases({ db, seal, now });
  const parts = {
    environments: createEnvironmentStore({ db, seal, now }),
    plans: createPlanStore({ db, seal, now }),
    jobs: createJobStore({ db, seal, leases, reserve, now }),
    leases,
    captureMemories: createCaptureMemories({ db, seal, now }),
    schedules: createScheduleStore({ db, seal, now }),
    keeping: createKeepingSettings({ db, seal }),
  };
  return {
    ...parts,
    dir,
    file,
    readOnly,
    isNew,
    stagingDir,
    pseudonymKey: seal.pseudonymKey,
    snapshots: createSnapshotStore({ db, seal, stagingDir, ...(now && { now }) }),
    space: createCatalogSpace({ db, seal }),
    now: now ?? (() => new Date()),
    keys: catalogKeys({ db, catalogId, dataKey, cost: scrypt, keychain, now: now ?? (() => new Date()) }),
    describe: () => describeOpen(db, dir, migrations.length),
    checkIntegrity: () => checkIntegrity(db),
    verify: (options = {}) => verifyCatalog({ ...parts, db, seal, catalogId }, options),
    openCopy(file) {
      const copy = openDatabase(file, { alone: true, patience: testing.patience });
      try {
        bringUpToDate(copy, migrations);
        const beside = dirname(file);
        return assembleCatalog(copy, dataKey, { dir: beside, file, stagingDir: beside }, { testing });
      } catch (error) {
        copy.close();
        throw error;
      }
    },
    close() {
      db.close();
      afterClose?.();
    },
  };
}

export function idOf(db: Database): string {
  return withSqliteErrors(() => db.prepare('SELECT id FROM catalog').pluck().get()) as string;
}
