import { closeSync, openSync, readdirSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import { catalogFolder, SQLITE_MAGIC } from '../database/catalog-folder.ts';

/** What no file that is written at a user's wish may take the place of. */
export interface Kept {
  /** The catalog's folder, whether one is there or not. */
  readonly catalogDir?: string;
  /** Files that the same command reads. */
  readonly inputs?: readonly string[];
}

/**
 * Refuses a place to write to that is a catalog's own file (database, log, temporary files), whatever its name leads through,
 * or a file that the same command reads. Also any database, since it may be that of another catalog.
 *
 * @throws AppError USAGE
 */
export function refuseKept(path: string, { catalogDir, inputs = [] }: Kept): void {
  const place = placeOf(path);
  if (isOfCatalog(place, catalogDir) || isDatabase(place))
    throw refusal(path, 'is a file of a catalog, or another database: it would be destroyed.');
  if (inputs.some((input) => isSame(place, placeOf(input))))
    throw refusal(path, 'is read by the same command, which would overwrite it.');
}

function refusal(path: string, why: string): AppError {
  return new AppError('USAGE', `“${path}” cannot be written to: it ${why}`, {
    notChanged: 'Nothing was done, and no file was touched.',
    remedy: 'Name another file.',
    details: { path },
  });
}

interface Place {
  /** Without links, also where no file is there yet. */
  readonly path: string;
  /** Of the file: the same under whatever name. */
  readonly id?: string;
  readonly isFile: boolean;
}

function placeOf(path: string): Place {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return {
    path: withoutLinks(resolve(path)),
    ...(found && { id: `${found.dev} ${found.ino}` }),
    isFile: found?.isFile() ?? false,
  };
}

const MOST_LINKS = 40;

function withoutLinks(path: string): string {
  let at = path;
  for (let i = 0; i < MOST_LINKS; i++) {
    const real = orUndefined(() => realpathSync(at));
    if (real !== undefined) return real;
    // Not there, or a link to what is not there.
    const link = orUndefined(() => readlinkSync(at));
    if (link === undefined) break;
    at = resolve(dirname(at), link);
  }
  const folder = orUndefined(() => realpathSync(dirname(at)));
  return folder === undefined ? at : join(folder, basename(at));
}

/** What the file system refuses to tell is told when the file is opened. */
function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isSame(a: Place, b: Place): boolean {
  return a.path === b.path || (a.id !== undefined && a.id === b.id);
}

function isOfCatalog(place: Place, catalogDir: string | undefined): boolean {
  const beside = dirname(place.path);
  // What lies beside a database of that name, or in its folder for temporary files, belongs to that catalog.
  const dirs = [beside, dirname(beside)].filter((dir) => isDatabase(placeOf(catalogFolder(dir).file)));
  if (catalogDir !== undefined) dirs.push(withoutLinks(resolve(catalogDir)));
  return dirs.some((dir) => isNamedAsOf(dir, place.path) || ownFiles(dir).some((own) => isSame(own, place)));
}

/** Upper and lower case are one: on many disks they are. */
function isNamedAsOf(dir: string, path: string): boolean {
  const { file, stagingDir } = catalogFolder(dir);
  const [name, database, staging] = [path, file, stagingDir].map((one) => one.toLowerCase()) as [
    string,
    string,
    string,
  ];
  if (name === database || name === staging || dirname(name) === staging) return true;
  return name.startsWith(database) && BESIDE_DATABASE.test(name.slice(database.length));
}

/** What SQLite and unfinished copies put beside a database. */
const BESIDE_DATABASE = /^(?:-wal|-shm|-journal|\.unfinished-.*)$/;

function ownFiles(dir: string): Place[] {
  const { stagingDir } = catalogFolder(dir);
  return [dir, stagingDir].flatMap((folder) =>
    (orUndefined(() => readdirSync(folder)) ?? [])
      .map((name) => join(folder, name))
      .filter((path) => isNamedAsOf(dir, path))
      .map((path) => placeOf(path)),
  );
}

function isDatabase({ path, isFile }: Place): boolean {
  // Opening a pipe would wait for somebody.
  if (!isFile) return false;
  const beginning = Buffer.alloc(SQLITE_MAGIC.length);
  const length = orUndefined(() => {
    const file = openSync(path, 'r');
    try {
      return readSync(file, beginning, 0, beginning.length, 0);
    } finally {
      closeSync(file);
    }
  });
  return length === beginning.length && beginning.equals(SQLITE_MAGIC);
}
