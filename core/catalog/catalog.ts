import type { Database } from 'better-sqlite3';
import { createCaptureMemories, type CaptureMemories } from './captures/capture-memories.ts';
import type { CatalogFolder } from './database/catalog-folder.ts';
import { withSqliteErrors } from './database/sqlite-errors.ts';
import { createEnvironmentStore, type EnvironmentStore } from './environments/environment-store.ts';
import { createJobStore, type JobStore } from './jobs/job-store.ts';
import { createKeepingSettings, type KeepingSettingsStore } from './keeping/keeping-settings.ts';
import { createLeases, type Leases } from './jobs/leases.ts';
import { checkIntegrity } from './migrations/schema.ts';
import { createPlanStore, type PlanStore } from './plans/plan-store.ts';
import { createSeal } from './seal.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { createCatalogSpace, type CatalogSpace } from './space/catalog-space.ts';
import { createSnapshotStore } from './snapshots/create-snapshot-store.ts';
import type { ScryptCost } from './vault/passphrase.ts';
import { addRecoverySlot } from './vault/recovery-slot.ts';

/** Never set outside tests. */
export interface CatalogTesting {
  /** Cost for new passphrase slots. */
  readonly scrypt?: ScryptCost;
  /** Largest size of the database in pages of 4 KiB: a full disk. */
  readonly maxPages?: number;
  readonly migrations?: readonly string[];
  readonly now?: () => Date;
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
  /** 32 bytes that decide who becomes whom in pseudonymised copies; never shown. */
  readonly pseudonymKey: Buffer;
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

/** What an open database and its data key make up. */
export function assembleCatalog(
  db: Database,
  dataKey: Buffer,
  { dir, stagingDir }: Pick<CatalogFolder, 'dir' | 'stagingDir'>,
  { testing = {} }: { testing?: CatalogTesting } = {},
): Catalog {
  const { now } = testing;
  const seal = createSeal(dataKey);
  const leases = createLeases({ db, seal, now });
  return {
    dir,
    stagingDir,
    pseudonymKey: seal.pseudonymKey,
    snapshots: createSnapshotStore({ db, seal, stagingDir, ...(now && { now }) }),
    environments: createEnvironmentStore({ db, seal, now }),
    plans: createPlanStore({ db, seal, now }),
    jobs: createJobStore({ db, seal, leases, now }),
    leases,
    captureMemories: createCaptureMemories({ db, seal, now }),
    space: createCatalogSpace({ db, seal }),
    keeping: createKeepingSettings({ db, seal }),
    now: now ?? (() => new Date()),
    checkIntegrity: () => checkIntegrity(db),
    createRecoveryKey: () => addRecoverySlot(db, idOf(db), dataKey, (now?.() ?? new Date()).toISOString()),
    close() {
      db.close();
    },
  };
}

export function idOf(db: Database): string {
  return withSqliteErrors(() => db.prepare('SELECT id FROM catalog').pluck().get()) as string;
}
