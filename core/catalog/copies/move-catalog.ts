import { readdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import type { MoveView } from '../../../contract/maintenance.ts';
import type { Catalog, CatalogTesting } from '../catalog.ts';
import { catalogFolder, holdsCatalog, type CatalogFolder } from '../database/catalog-folder.ts';
import { describeCatalog } from '../database/describe-catalog.ts';
import { translateFileError } from '../database/file-errors.ts';
import { openDatabase } from '../database/open-database.ts';
import { translateSqliteError } from '../database/sqlite-errors.ts';
import { openCatalog } from '../index.ts';
import type { KeySource } from '../vault/unlock.ts';
import { copyDatabase, type CopyOptions } from './copy-database.ts';
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

/** How long another process may take to close the catalog. Milliseconds. */
const PATIENCE_MILLISECONDS = 3_000;

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
    refuseTarget(catalog, from, to);
    refuseWhileUsed(catalog);
  } finally {
    // Its key is still needed, its connection would be in the way.
    catalog.close();
  }
  const alone = holdAlone(from, testing?.patience ?? PATIENCE_MILLISECONDS);
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

function refuseTarget(catalog: Catalog, from: CatalogFolder, to: CatalogFolder): void {
  if (to.dir === from.dir || to.dir.startsWith(from.dir + sep))
    throw new AppError('USAGE', 'The catalog cannot be moved into itself.', {
      notChanged: 'The catalog stays where it is.',
      remedy: 'Name another folder.',
    });
  if (!holdsCatalog(to)) return;
  const there = describeCatalog(to.dir, 0);
  throw new AppError('USAGE', `There is a catalog in “${to.dir}” already.`, {
    notChanged: 'Both were left as they are.',
    remedy:
      there.id === catalog.describe().id
        ? 'It is a copy of this one, perhaps of a move that was broken off at its end. Look at both (drawbridge catalog show, snapshot list), go on with one, and put the other away.'
        : 'It is another catalog. Name another folder.',
  });
}

function refuseWhileUsed(catalog: Catalog): void {
  const [holder] = catalog.leases.holders();
  if (!holder) return;
  const what = holder.job === undefined ? holder.kind : `job ${holder.job}, ${holder.kind}`;
  throw new AppError('CATALOG_LOCKED', `Somebody is working with the catalog (${what}).`, {
    notChanged: 'The catalog stays where it is.',
    remedy:
      holder.job === undefined
        ? 'Wait until that has finished, then try again.'
        : `Wait until it has finished, or cancel it (drawbridge job show ${holder.job}), then try again.`,
  });
}

/** A connection beside which there can be no other. @throws AppError CATALOG_LOCKED */
function holdAlone({ file }: CatalogFolder, patience: number): Connection {
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
      notChanged: 'The catalog stays where it is.',
      remedy: 'End every other Drawbridge that uses it, then try again.',
      cause: error,
    });
  }
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
    const others = statSync(dir, { throwIfNoEntry: false }) ? readdirSync(dir) : [];
    return others.length === 0 ? undefined : `“${dir}” stays: it holds ${others.join(', ')}.`;
  } catch (error) {
    return `The old catalog could not be removed: ${translateFileError(error, 'remove it', file).message}`;
  }
}
