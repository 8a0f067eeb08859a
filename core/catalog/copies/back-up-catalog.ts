import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import type { Catalog } from '../catalog.ts';
import { translateCreationError } from '../database/file-errors.ts';
import { makeFolders } from '../database/make-folders.ts';
import { openDatabase } from '../database/open-database.ts';
import { copyDatabase, NO_COPY, type CopyOptions } from './copy-database.ts';
import { refuseKept } from './kept-files.ts';
import { proveCopy, type ProofOptions } from './prove-copy.ts';
import { publishFile } from './publish-file.ts';
import { removeAbandoned, removeUnfinished, unfinishedName } from './unfinished-file.ts';

export interface BackedUpCatalog {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly snapshots: number;
  readonly chunks: number;
}

export interface BackupOptions {
  readonly signal?: AbortSignal;
  /** Bytes copied. */
  readonly onCopied?: CopyOptions['onProgress'];
  /** Chunks of the copy proved. */
  readonly onProved?: ProofOptions['onProved'];
  /** The job that makes the copy: it is not in it. */
  readonly job?: string;
  readonly now?: Date;
}

/**
 * Copies a catalog into one file while others go on working with it, and proves every byte of the copy before it gets its
 * name. In the copy nobody works on anything: jobs that run are interrupted there.
 *
 * @param place the file, which must not be there; or a folder, in which it is named after the time
 * @throws AppError USAGE where that is a file of a catalog; FILE_FAILED, DISK_FULL, CANCELED; CATALOG_DAMAGED when the catalog is: then no copy is left
 */
export async function backUpCatalog(
  catalog: Catalog,
  place: string,
  { signal, onCopied, onProved, job, now = new Date() }: BackupOptions = {},
): Promise<BackedUpCatalog> {
  const path = placeFor(catalog, place, now);
  const unfinished = unfinishedName(path);
  const source = openDatabase(catalog.file, { readOnly: true });
  try {
    await copyDatabase(source, unfinished, {
      ...(signal && { signal }),
      ...(onCopied && { onProgress: onCopied }),
    });
    const report = await proveCopy(catalog, unfinished, {
      ...(signal && { signal }),
      ...(onProved && { onProved }),
      ...(job !== undefined && { without: job }),
    });
    refuseTaken(path);
    publishFile(unfinished, path);
    return { path, bytes: statSync(path).size, snapshots: report.snapshots, chunks: report.chunks };
  } finally {
    source.close();
    removeUnfinished(unfinished);
  }
}

/** The file that the copy is to be, made sure that it can be; a folder is made for it where one is named. */
function placeFor(catalog: Catalog, place: string, now: Date): string {
  try {
    const path = fileFor(place, now);
    refuseTaken(path);
    // What is not there yet may still be a name that the catalog's own files take.
    refuseKept(path, { catalogDir: catalog.dir });
    removeAbandoned(path);
    return path;
  } catch (error) {
    throw translateCreationError(error, 'make a copy of the catalog there', resolve(place), NO_COPY);
  }
}

function fileFor(place: string, now: Date): string {
  const path = resolve(place);
  const asFolder = place.endsWith(sep) || place.endsWith('/');
  if (asFolder) makeFolders(path);
  const isFolder = asFolder || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const at = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const file = isFolder ? join(path, `drawbridge-catalog-${at}.db`) : path;
  if (!existsSync(dirname(file)))
    throw new AppError('FILE_FAILED', `There is no folder “${dirname(file)}”.`, {
      notChanged: 'No copy was made.',
      remedy: 'Create it, or choose another place.',
    });
  return file;
}

function refuseTaken(path: string): void {
  if (!existsSync(path)) return;
  throw new AppError('FILE_FAILED', `“${path}” is there already, and a copy replaces nothing.`, {
    notChanged: 'It was left as it is, and no copy was made.',
    remedy: 'Choose another name, or a folder: in it each copy is named after its time.',
  });
}
