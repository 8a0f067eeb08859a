import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { throwIfAborted } from '../../../contract/errors.ts';
import type { CompactView } from '../../../contract/maintenance.ts';
import type { CatalogTesting } from '../catalog.ts';
import { holdAlone, refuseWhileUsed } from '../copies/hold-alone.ts';
import { catalogFolder } from '../database/catalog-folder.ts';
import { notWritable } from '../database/file-errors.ts';
import { translateSqliteError } from '../database/sqlite-errors.ts';
import { openCatalog } from '../index.ts';
import { checkIntegrity } from '../migrations/schema.ts';
import type { KeySource } from '../vault/unlock.ts';

export interface CompactOptions {
  readonly dir: string;
  readonly keys: KeySource;
  readonly signal?: AbortSignal | undefined;
  /** Is told just before the file is written anew, which cannot be stopped then; waited for. */
  readonly onBegin?: ((size: { readonly bytes: number }) => Promise<void>) | undefined;
  readonly testing?: CatalogTesting | undefined;
}

const STAYS = 'The catalog was left as it is.';

/**
 * Writes a catalog's file anew, without the free space in it. One that an older Drawbridge made becomes one that gives free
 * space back by itself from then on: how a file keeps track of its pages can only be changed by writing all of it.
 *
 * It is SQLite's own VACUUM, one transaction: killed or broken off at any moment it leaves the catalog as it was. Nobody
 * else can work meanwhile, since a writer would wait for as long as it takes; and a file that took this one's place would
 * leave behind whoever has it open. It takes the catalog's size twice: among the temporary files, and in the log.
 *
 * @throws AppError CATALOG_LOCKED when somebody works with it; DISK_FULL, FILE_FAILED, CANCELED, and what opening it throws
 */
export async function compactCatalog(options: CompactOptions): Promise<CompactView> {
  const { keys, signal, onBegin, testing } = options;
  const folder = catalogFolder(resolve(options.dir));
  const catalog = await openCatalog({ dir: options.dir, keys, ...(testing && { testing }) });
  let before;
  try {
    if (catalog.readOnly) throw notWritable(folder.dir);
    refuseWhileUsed(catalog, STAYS);
    before = catalog.space.fileSize();
  } finally {
    catalog.close();
  }
  throwIfAborted(signal);
  const alone = holdAlone(folder, STAYS, testing?.patience);
  try {
    const bytes = statSync(folder.file).size;
    await onBegin?.({ bytes });
    throwIfAborted(signal);
    alone.pragma('auto_vacuum = INCREMENTAL');
    alone.exec('VACUUM');
    alone.pragma('wal_checkpoint(TRUNCATE)');
    checkIntegrity(alone);
    return { dir: folder.dir, before: bytes, after: statSync(folder.file).size, shrank: before.shrinks };
  } catch (error) {
    throw translateSqliteError(error);
  } finally {
    alone.close();
  }
}
