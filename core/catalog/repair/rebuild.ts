import Database from 'better-sqlite3';
import type { Database as Connection } from 'better-sqlite3';
import { AppError, isAppError, throwIfAborted } from '../../../contract/errors.ts';
import type { RepairView } from '../../../contract/maintenance.ts';
import { assembleCatalog, isLeaseAlive, type Catalog, type CatalogTesting } from '../catalog.ts';
import { catalogFolder } from '../database/catalog-folder.ts';
import { letFreePagesGo, openDatabase } from '../database/open-database.ts';
import { translateSqliteError, withSqliteErrors } from '../database/sqlite-errors.ts';
import { MIGRATIONS } from '../migrations/migrations.ts';
import { bringUpToDate, integrityProblems, layOut } from '../migrations/schema.ts';
import { createSeal } from '../seal.ts';
import type { VerifyOptions } from '../snapshot-store.ts';
import { judgedSlots, type KeySlots } from '../vault/key-slots.ts';
import { unlock, type KeySource } from '../vault/unlock.ts';
import { danglingReferences } from '../verify-catalog.ts';
import { openPages, type Pages } from './pages.ts';
import { putRows, ROWS_AT_ONCE, Salvage, type NamedRow, type TableLoss } from './salvage.ts';
import {
  dropDamagedEntries,
  dropDamagedSnapshots,
  dropDamagedSlots,
  dropDangling,
  dropUnneededChunks,
  putSnapshots,
} from './whole-parts.ts';

/** How far one part of a repair is: the pages of the damaged file, or chunks. */
export interface RepairProgress {
  /** `reading` pages; what is wrong with the old catalog; what is whole in the new one; and the new one as a whole. */
  readonly part: 'reading' | 'examining' | 'sorting-out' | 'proving';
  readonly done: number;
  readonly of: number;
}

export interface RebuildOptions {
  readonly dir: string;
  readonly keys: KeySource;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RepairProgress) => void) | undefined;
  readonly testing?: CatalogTesting | undefined;
}

type Rebuilt = Pick<RepairView, 'damage' | 'kept' | 'lost'>;

/**
 * All other tables are copied row by row, as they are. Not copied are leases, since nobody works on the new catalog yet; what
 * broken-off captures remembered, which is asked for again; which lists a snapshot has, since its sealed description says so.
 * The catalog's own row and those of snapshots are put in apart.
 */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'leases',
  'capture_memories',
  'capture_answers',
  'snapshot_sections',
  'catalog',
  'snapshots',
]);

/** Builds a new catalog's file of what can be read of a damaged one and proved. */
export async function rebuild(file: string, target: string, options: RebuildOptions): Promise<Rebuilt> {
  const { keys, signal, onProgress = () => {}, testing = {} } = options;
  const migrations = testing.migrations ?? MIGRATIONS;
  using original = holdStill(file, testing);
  let read = 0;
  const pages: Pages = openPages(file, () => {
    // Those of indexes are not needed, others are read more than once.
    read = Math.min(read + 1, pages.count);
    onProgress({ part: 'reading', done: read, of: pages.count });
  });
  const proving = (part: RepairProgress['part']): VerifyOptions => ({
    ...(signal && { signal }),
    onProgress: ({ chunks, of }) => onProgress({ part, done: chunks, of }),
  });
  try {
    const identity = identityIn(pages, migrations);
    const { id } = identity;
    // Before the long work begins: whoever is to be asked for a key is still there.
    const dataKey = await unlock(id, slotsIn(pages, identity, migrations), keys);
    refuseWhileUsed(pages, identity, migrations, testing.now?.() ?? new Date());
    const { snapshots, losses } = await salvageInto(target, pages, identity, migrations, signal);
    const db = openDatabase(target);
    try {
      // Before the migrations, which refuse what refers to nothing.
      dropDangling(db);
      bringUpToDate(db, migrations);
      const catalog = assembleCatalog(db, dataKey, catalogFolder(options.dir));
      const damage = [
        ...(pages.logDamage === undefined ? [] : [pages.logDamage]),
        ...(await damageOf(original, dataKey, {
          isOlder: identity.version < migrations.length,
          dir: options.dir,
          verifying: proving('examining'),
        })),
        ...losses.map(lossText),
      ];
      const seal = createSeal(dataKey);
      const lost = [
        ...putSnapshots(db, seal, snapshots),
        ...(await dropDamagedSnapshots(db, seal, proving('sorting-out'))),
        ...dropDamagedEntries(db, catalog),
        ...dropDamagedSlots(db, id),
      ];
      dropUnneededChunks(db, seal);
      throwIfAborted(signal);
      await proveNew(catalog, proving('proving'));
      const { snapshots: kept, trash, environments, plans, jobs } = catalog.describe().counts!;
      const schedules = catalog.schedules.list().length;
      return { damage, lost, kept: { snapshots: kept + trash, environments, plans, jobs, schedules } };
    } finally {
      db.close();
    }
  } finally {
    pages.close();
  }
}

/** What a catalog is. */
interface Identity {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
}

interface Salvaged {
  readonly snapshots: readonly NamedRow[];
  readonly losses: readonly TableLoss[];
}

async function salvageInto(
  target: string,
  pages: Pages,
  { id, version, createdAt }: Identity,
  migrations: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Salvaged> {
  const salvage = new Salvage(pages, migrations.slice(0, version));
  const db = new Database(target);
  try {
    letFreePagesGo(db);
    // What is made here is either finished or thrown away.
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    // Rows come in any order; what refers to nothing in the end is dropped later.
    db.pragma('foreign_keys = OFF');
    db.exec('BEGIN');
    layOut(db, migrations.slice(0, version), { id, now: createdAt });
    const copied = salvage.tables.filter((table) => !NOT_COPIED.has(table));
    for (const table of copied) salvage.refused(table, await putRows(db, table, salvage.rows(table), signal));
    const snapshots = [...salvage.rows('snapshots')];
    const known = new Set(snapshots.map((row) => row['id']));
    let sinceLook = 0;
    for (const { table, row } of salvage.stranded([...copied, 'snapshots'])) {
      if (table !== 'snapshots') await putRows(db, table, [row], undefined);
      else if (!known.has(row['id'])) snapshots.push(row);
      if (++sinceLook < ROWS_AT_ONCE) continue;
      sinceLook = 0;
      throwIfAborted(signal);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    db.exec('COMMIT');
    snapshots.sort((a, b) => Number(a['seq']) - Number(b['seq']));
    return { snapshots, losses: salvage.losses };
  } catch (error) {
    throw translateSqliteError(error);
  } finally {
    db.close();
  }
}

function slotsIn(pages: Pages, { id, version }: Identity, migrations: readonly string[]): KeySlots {
  const rows = new Salvage(pages, migrations.slice(0, version)).rows('key_slots');
  return judgedSlots([...rows] as unknown as Parameters<typeof judgedSlots>[0], id);
}

/** Without its id, no key opens a catalog. */
function identityIn(pages: Pages, migrations: readonly string[]): Identity {
  const [row] = new Salvage(pages, migrations).rows('catalog');
  const id = row?.['id'];
  const version = row?.['schema_version'];
  if (typeof id !== 'string' || typeof version !== 'number' || version < 1)
    throw new AppError('CATALOG_DAMAGED', 'The part of the file that says which catalog it is, is lost.', {
      notChanged: 'The damaged catalog was left as it is.',
      remedy: 'Nothing in it can be decrypted without that. Put back the last good copy of the catalog.',
    });
  if (version > migrations.length)
    throw new AppError(
      'CATALOG_NEWER',
      `The catalog has version ${version}; this Drawbridge knows versions up to ${migrations.length}.`,
      {
        notChanged: 'The damaged catalog was left as it is.',
        remedy: 'Repair it with the newer Drawbridge that last opened it.',
        details: { catalogVersion: version, knownVersion: migrations.length },
      },
    );
  return { id, version, createdAt: String(row?.['created_at']) };
}

interface Original extends Disposable {
  /** Undefined where SQLite cannot open it. */
  readonly db?: Connection;
  readonly damage: readonly string[];
}

/** A transaction that reads: while it lasts, nobody writes the log back into the file. @throws AppError CATALOG_LOCKED */
function holdStill(file: string, { patience }: CatalogTesting): Original {
  let db: Connection | undefined;
  try {
    const opened = openDatabase(file, { readOnly: true, patience });
    db = opened;
    withSqliteErrors(() => {
      opened.exec('BEGIN');
      opened.prepare('SELECT count(*) FROM sqlite_schema').get();
    });
    return { db: opened, damage: [], [Symbol.dispose]: () => void opened.close() };
  } catch (error) {
    db?.close();
    const nothing = { [Symbol.dispose]: () => undefined };
    if (isAppError(error, 'CATALOG_DAMAGED')) return { damage: [error.message], ...nothing };
    // On a disk that cannot be written, SQLite opens nothing; and nobody else writes there.
    if (isAppError(error, 'FILE_FAILED')) return { damage: [], ...nothing };
    throw error;
  }
}

interface Examination {
  /** Its tables are not those that this program works with: then only SQLite looks at it. */
  readonly isOlder: boolean;
  readonly dir: string;
  readonly verifying: VerifyOptions;
}

/** What a look at the damaged catalog itself finds, apart from what the new one shows to be lost. */
async function damageOf(
  { db, damage }: Original,
  dataKey: Buffer,
  { isOlder, dir, verifying }: Examination,
): Promise<string[]> {
  if (!db) return [...damage];
  try {
    if (isOlder) return [...integrityProblems(db), ...danglingReferences(db)];
    const catalog = assembleCatalog(db, dataKey, catalogFolder(dir));
    const { damaged } = await catalog.verify(verifying);
    return damaged.filter((found) => ONLY_THERE.has(found.in ?? '')).map(({ text }) => text);
  } catch (error) {
    const translated = translateSqliteError(error);
    // A table that is not there any more is a statement that cannot be prepared.
    if (translated.code === 'CATALOG_DAMAGED' || translated.code === 'INTERNAL')
      return ['SQLite cannot read it as it was written.'];
    throw translated;
  }
}

/** What else a look at the new catalog cannot show. */
const ONLY_THERE: ReadonlySet<string> = new Set(['file', 'references', 'leases', 'captures', 'chunks']);

/** Judged by what stands in the clear: who works on what can be damaged, that somebody does is enough. */
function refuseWhileUsed(
  pages: Pages,
  { version }: Identity,
  migrations: readonly string[],
  now: Date,
): void {
  for (const row of new Salvage(pages, migrations.slice(0, version)).rows('leases'))
    if (isLeaseAlive(Number(row['expires_at']), now.getTime()))
      throw new AppError('CATALOG_LOCKED', 'Another process is working with this catalog.', {
        notChanged: 'No new catalog was made.',
        remedy: 'Wait until it has finished, or stop it and wait for half a minute, then try again.',
      });
}

const WORDS: Readonly<Record<string, string>> = {
  key_slots: 'keys',
  plan_documents: 'plans',
  job_steps: 'the journals of jobs',
  job_failures: 'the failures that jobs met',
  chunks: 'the list of stored chunks',
  chunk_data: 'stored chunks',
  chunk_lists: 'lists of chunks',
};

function lossText({ table, rows, pages }: TableLoss): string {
  const parts = [
    ...(pages > 0 ? [`${pages} page${pages === 1 ? '' : 's'}`] : []),
    ...(rows > 0 ? [`${rows} row${rows === 1 ? '' : 's'}`] : []),
  ];
  return `Of ${WORDS[table] ?? table}, ${parts.join(' and ')} could not be read.`;
}

async function proveNew(catalog: Catalog, verifying: VerifyOptions): Promise<void> {
  const { damaged } = await catalog.verify(verifying);
  if (damaged.length === 0) return;
  throw new AppError('INTERNAL', `What was saved does not hold: ${damaged[0]!.text}`, {
    notChanged: 'The damaged catalog was left as it is; no new one was made.',
    remedy: 'This is a defect of Drawbridge: report it with this message and the version in use.',
  });
}
