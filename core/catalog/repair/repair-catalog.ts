import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import type { RepairView } from '../../../contract/maintenance.ts';
import type { CatalogTesting } from '../catalog.ts';
import { createNewFolder, removeIfEmpty } from '../copies/new-folder.ts';
import { publishFile } from '../copies/publish-file.ts';
import { makeTemporaryFolder } from '../copies/temporary-folder.ts';
import { removeAbandoned, removeUnfinished, unfinishedName } from '../copies/unfinished-file.ts';
import { catalogFolder } from '../database/catalog-folder.ts';
import { missingCatalog } from '../database/describe-catalog.ts';
import { translateSqliteError } from '../database/sqlite-errors.ts';
import type { KeySource } from '../vault/unlock.ts';
import { rebuild, type RebuildOptions } from './rebuild.ts';

export interface RepairOptions {
  /** The damaged catalog's folder. Nothing in it is changed. */
  readonly dir: string;
  readonly keys: KeySource;
  /** The folder of the new catalog; by default the old one's name with “-repaired” at its end. */
  readonly to?: string | undefined;
  /** Only tells what would be kept and lost: the new catalog is thrown away. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: RebuildOptions['onProgress'];
  readonly testing?: CatalogTesting | undefined;
}

/**
 * Makes a new catalog of what is whole in a damaged one: every snapshot, environment, plan and job that can be proved to be
 * what was stored, under the same id and keys.
 *
 * @throws AppError USAGE when nothing is damaged; CATALOG_DAMAGED when nothing can be saved; CATALOG_MISSING,
 * CATALOG_LOCKED, CATALOG_NEWER, WRONG_KEY, PASSPHRASE_NEEDED, KEYCHAIN_FAILED, FILE_FAILED, DISK_FULL, CANCELED
 */
export async function repairCatalog(options: RepairOptions): Promise<RepairView> {
  const { dir, dryRun = false } = options;
  const { file } = catalogFolder(dir);
  if (!existsSync(file)) throw missingCatalog(dir);
  const to = resolve(options.to ?? `${resolve(dir)}-repaired`);
  if (!dryRun && existsSync(catalogFolder(to).file)) throw taken(to);
  const folder = dryRun ? makeTemporaryFolder('drawbridge-repair-', 'to try the repair') : to;
  const wasThere = !dryRun && existsSync(folder);
  const target = catalogFolder(folder).file;
  const unfinished = unfinishedName(target);
  try {
    createNewFolder(folder);
    removeAbandoned(target);
    const rebuilt = await rebuild(file, unfinished, options);
    if (rebuilt.damage.length === 0 && rebuilt.lost.length === 0) throw nothingDamaged(dir);
    if (!dryRun) publishFile(unfinished, target);
    return { from: dir, to: dryRun ? null : to, ...rebuilt };
  } catch (error) {
    throw translateSqliteError(error);
  } finally {
    removeUnfinished(unfinished);
    if (!wasThere) removeIfEmpty(folder);
  }
}

function taken(to: string): AppError {
  return new AppError(
    'FILE_FAILED',
    `There is a catalog in “${to}” already, and a repair replaces nothing.`,
    {
      notChanged: 'Both catalogs were left as they are.',
      remedy: 'Name another folder: --to <folder>.',
    },
  );
}

function nothingDamaged(dir: string): AppError {
  return new AppError('USAGE', `Nothing in the catalog in “${dir}” is damaged: there is nothing to repair.`, {
    notChanged: 'No new catalog was made.',
    remedy: 'Go on using it.',
  });
}
