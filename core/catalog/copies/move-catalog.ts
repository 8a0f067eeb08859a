import { readdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import type { MoveView } from '../../../contract/maintenance.ts';
import type { Catalog, CatalogTesting } from '../catalog.ts';
import { catalogFolder, holdsCatalog, type CatalogFolder } from '../database/catalog-folder.ts';
import { describeCatalog } from '../database/describe-catalog.ts';
import { notWritable, translateFileError } from '../database/file-errors.ts';
import { translateSqliteError } from '../database/sqlite-errors.ts';
import { openCatalog } from '../index.ts';
import type { KeySource } from '../vault/unlock.ts';
import { copyDatabase, type CopyOptions } from './copy-database.ts';
import { holdAlone, refuseWhileUsed } from './hold-alone.ts';
import { createNewFolder, removeIfEmpty } from './new-folder.ts';
import { proveCopy, type ProofOptions } from './prove-copy.ts';
import { publishFile } from './publish-file.ts';
import { removeAbandoned, removeUnfinished, unfinishedName } from './unfinished-file.ts';

export interface MoveOptions {
  readonly dir: string;
  readonly to: string;
  readonly keys: KeySource;
  readonly signal?: AbortSignal | undefined;
  readonly onCopied?: CopyOptions['onProgress'];
  readonly onProved?: ProofOptions['onProved'];
  /** Never set outside tests: is told what has just been done. */
  readonly onStep?: (step: 'copied' | 'proved' | 'published' | 'removed') => void;
  readonly testing?: CatalogTesting | undefined;
}

const STAYS = 'The catalog stays where it is.';

/**
 * Moves a catalog into another folder. The old one is removed when every byte of the new one has been proved, so that
 * whenever this is broken off there is a whole one: the old one until then, afterwards the new one.
 *
 * @throws AppError CATALOG_LOCKED when somebody works with it; USAGE when there is a catalog in the other folder, or that
 * folder is a part of this one; FILE_FAILED, DISK_FULL, CANCELED, and what opening it throws
 */
export async function moveCatalog(options: MoveOptions): Promise<MoveView> {
  const { keys, signal, onCopied, onProved, onStep, testing } = options;
  const from = catalogFolder(resolve(options.dir));
  const to = catalogFolder(resolve(options.to));
  const catalog = await openCatalog({ dir: options.dir, keys, ...(testing && { testing }) });
  try {
    if (catalog.readOnly) throw notWritable(from.dir);
    await refuseTarget(catalog, from, to);
    refuseWhileUsed(catalog, STAYS);
  } finally {
    // Its key is still needed, its connection would be in the way.
    catalog.close();
  }
  const alone = holdAlone(from, STAYS, testing?.patience);
  const unfinished = unfinishedName(to.file);
  try {
    createNewFolder(to.dir);
    removeAbandoned(to.file);
    await copyDatabase(alone, unfinished, {
      ...(signal && { signal }),
      ...(onCopied && { onProgress: onCopied }),
    });
    onStep?.('copied');
    await proveCopy(catalog, unfinished, { ...(signal && { signal }), ...(onProved && { onProved }) });
    onStep?.('proved');
    publishFile(unfinished, to.file);
    onStep?.('published');
    const leftBehind = removeOld(alone, from);
    onStep?.('removed');
    return {
      from: from.dir,
      to: to.dir,
      bytes: statSync(to.file).size,
      ...(leftBehind !== undefined && { leftBehind }),
    };
  } catch (error) {
    throw translateSqliteError(error);
  } finally {
    alone.close();
    removeUnfinished(unfinished);
    removeIfEmpty(to.dir);
  }
}

async function refuseTarget(catalog: Catalog, from: CatalogFolder, to: CatalogFolder): Promise<void> {
  if (to.dir === from.dir || to.dir.startsWith(from.dir + sep))
    throw new AppError('USAGE', 'The catalog cannot be moved into itself.', {
      notChanged: STAYS,
      remedy: 'Name another folder.',
    });
  if (!holdsCatalog(to)) return;
  const there = await describeCatalog(to.dir, 0);
  throw new AppError('USAGE', `There is a catalog in “${to.dir}” already.`, {
    notChanged: 'Both were left as they are.',
    remedy:
      there.id === catalog.describe().id
        ? 'It is a copy of this one, perhaps of a move that was broken off at its end. Look at both (drawbridge catalog show, snapshot list), go on with one, and put the other away.'
        : 'It is another catalog. Name another folder.',
  });
}

/** @returns what could not be removed, as a sentence: by then the catalog is in its new place */
function removeOld(alone: Connection, { dir, file, stagingDir }: CatalogFolder): string | undefined {
  try {
    // Windows removes no open file; elsewhere nobody can open it between its closing and its removal.
    if (process.platform === 'win32') alone.close();
    unlinkSync(file);
    alone.close();
    for (const path of [`${file}-wal`, `${file}-shm`, stagingDir])
      rmSync(path, { force: true, recursive: true });
    removeIfEmpty(dir);
    if (!statSync(dir, { throwIfNoEntry: false })) return undefined;
    const others = readdirSync(dir);
    return others.length === 0
      ? `“${dir}” stays, empty: it could not be removed.`
      : `“${dir}” stays: it holds ${others.join(', ')}.`;
  } catch (error) {
    return `The old catalog could not be removed: ${translateFileError(error, 'remove it', file).message}`;
  }
}
