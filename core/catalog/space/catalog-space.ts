import type { Database } from 'better-sqlite3';
import { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkTable } from '../chunks/chunk-table.ts';
import type { Seal } from '../seal.ts';
import { ChunkLists } from '../snapshots/chunk-lists.ts';
import { addedBytes } from './added-bytes.ts';
import { costsOf, type CostGroup, type Costs } from './costs.ts';
import { fileSize, giveBack, type FileSize } from './file-space.ts';
import { hasUnneeded, reclaim, type Reclaimed, type ReclaimOptions } from './reclaim.ts';
import { deleteTrashed, trashedSnapshots, type TrashedSnapshot } from './trash.ts';

/** What the catalog takes of the disk, and how it gives it back. Every method may throw CATALOG_LOCKED, FILE_FAILED, CATALOG_DAMAGED. */
export interface CatalogSpace {
  /** Newest first, those whose description is damaged too. */
  trashed(): TrashedSnapshot[];
  /** For good; those that are pinned, or out of the trash by now, stay. */
  deleteTrashed(
    ids: readonly string[],
    options: ReclaimOptions,
  ): Promise<{ readonly snapshots: number; readonly finished: boolean }>;
  /** Whether there may be something that no snapshot needs. */
  hasUnneeded(): boolean;
  /** Deletes what no snapshot needs. */
  reclaim(options: ReclaimOptions): Promise<Reclaimed>;
  /** Gives free pages of the file back to the disk. */
  giveBack(signal?: AbortSignal): Promise<void>;
  fileSize(): FileSize;
  costs(groups: readonly CostGroup[], signal?: AbortSignal): Promise<Costs>;
  /** Of snapshots in order of time, what each takes that those before it do not need. In bytes; undefined: damaged. */
  added(snapshots: readonly string[], signal?: AbortSignal): Promise<(number | undefined)[]>;
}

/** A list's page and the chain that it is built on. In bytes. */
const CACHE_BYTES = 4 << 20;

export function createCatalogSpace({ db, seal }: { db: Database; seal: Seal }): CatalogSpace {
  const source = () => {
    const table = new ChunkTable(db);
    const reader = new ChunkReader(table, seal, CACHE_BYTES);
    return { db, seal, table, reader, lists: new ChunkLists(db, seal, reader) };
  };
  return {
    trashed: () => trashedSnapshots(db),
    deleteTrashed: (ids, options) => deleteTrashed(db, ids, options),
    hasUnneeded: () => hasUnneeded(db),
    reclaim: (options) => reclaim(source(), options),
    giveBack: (signal) => giveBack(db, signal),
    fileSize: () => fileSize(db),
    costs: (groups, signal) => costsOf(source(), groups, signal),
    added: (snapshots, signal) => addedBytes(source(), snapshots, signal),
  };
}
