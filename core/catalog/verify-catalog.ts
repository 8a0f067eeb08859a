import type { Database } from 'better-sqlite3';
import type { DamageView } from '../../contract/snapshot.ts';
import { throwIfAborted } from '../../contract/errors.ts';
import type { CaptureMemories } from './captures/capture-memories.ts';
import { ChunkTable } from './chunks/chunk-table.ts';
import { whole } from './chunks/damage.ts';
import { SoundChunks } from './chunks/sound-chunks.ts';
import { withSqliteErrors } from './database/sqlite-errors.ts';
import type { EnvironmentStore } from './environments/environment-store.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { Leases } from './jobs/leases.ts';
import type { KeepingSettingsStore } from './keeping/keeping-settings.ts';
import { integrityProblems } from './migrations/schema.ts';
import type { PlanStore } from './plans/plan-store.ts';
import type { Seal } from './seal.ts';
import type { ScheduleStore } from './schedules/schedule-store.ts';
import type { VerifyOptions, VerifyReport } from './snapshot-store.ts';
import { SnapshotTable } from './snapshots/snapshot-table.ts';
import { verifySnapshots } from './snapshots/verify.ts';
import { waysIn } from './vault/key-slots.ts';
import type { DamagedEntry } from './damaged-entry.ts';

/** Everything that a catalog keeps. A new kind of thing is added here, or a test finds that nobody proves it. */
export interface CatalogParts {
  readonly db: Database;
  readonly seal: Seal;
  readonly catalogId: string;
  readonly environments: EnvironmentStore;
  readonly plans: PlanStore;
  readonly jobs: JobStore;
  readonly leases: Leases;
  readonly keeping: KeepingSettingsStore;
  readonly schedules: ScheduleStore;
  readonly captureMemories: CaptureMemories;
}

/** Between two looks at the signal: some 10 ms. */
const CHUNKS_AT_ONCE = 200;

/**
 * Proves the whole catalog: the database's own structure and references, every byte of every snapshot, and every sealed
 * value of everything else. What is sealed is proved by being opened. Damage is reported, not thrown.
 *
 * @throws AppError CANCELED, CATALOG_LOCKED, FILE_FAILED
 */
export async function verifyCatalog(parts: CatalogParts, options: VerifyOptions): Promise<VerifyReport> {
  const { db, seal } = parts;
  const snapshots = new SnapshotTable(db, seal);
  const { report, seen } = await verifySnapshots({ db, seal, snapshots }, snapshots.everyId(), options);
  throwIfAborted(options.signal);
  // What was deleted meanwhile could not be found any more: that is no damage.
  const left = new Set(snapshots.everyId());
  const damaged = [
    ...report.damaged.filter(({ snapshot }) => left.has(snapshot)),
    ...damageIn('file', () => integrityProblems(db).map(unnamed)),
    ...damageIn('references', () => danglingReferences(db).map(unnamed)),
    ...damageIn('keys', () => damagedKeys(parts)),
    ...damageIn('environments', () => parts.environments.damaged()),
    ...damageIn('plans', () => parts.plans.damaged()),
    ...damageIn('jobs', () => parts.jobs.damaged()),
    ...damageIn('settings', () => parts.keeping.damaged()),
    ...damageIn('schedules', () => parts.schedules.damaged()),
    ...damageIn('leases', () => parts.leases.damaged()),
    ...(await damagedMemories(parts.captureMemories, options.signal)),
    ...(await damagedChunks(parts, seen, options.signal)),
  ];
  return { ...report, damaged };
}

type Place = NonNullable<DamageView['in']>;

function damageIn(place: Place, look: () => readonly DamagedEntry[]): DamageView[] {
  const { value, damage } = whole(look);
  // A table that cannot be read at all is one finding.
  if (!value) return [found(place, { id: '', text: damage })];
  return value.map((entry) => found(place, entry));
}

function found(place: Place, { id, text }: DamagedEntry): DamageView {
  return { snapshot: '', in: place, ...(id !== '' && { id }), text };
}

function unnamed(text: string): DamagedEntry {
  return { id: '', text };
}

/** Rows that refer to rows which are not there, a sentence for each pair of tables. */
export function danglingReferences(db: Database): string[] {
  const rows = withSqliteErrors(() =>
    db
      .prepare<[], { child: string; parent: string; count: number }>(
        'SELECT "table" AS child, parent, count(*) AS count FROM pragma_foreign_key_check GROUP BY 1, 2',
      )
      .all(),
  );
  return rows.map(
    ({ child, parent, count }) =>
      `${count} row${count === 1 ? '' : 's'} of “${child}” ${count === 1 ? 'refers' : 'refer'} to rows of “${parent}” that are not there.`,
  );
}

function damagedKeys({ db, catalogId }: CatalogParts): DamagedEntry[] {
  return waysIn(db, catalogId)
    .filter(({ damaged }) => damaged)
    .map(({ kind, createdAt }) => ({
      id: kind,
      text: `The slot of the ${kind === 'recovery' ? 'recovery key' : kind} of ${createdAt} is damaged: it opens nothing any more.`,
    }));
}

async function damagedMemories(
  memories: CaptureMemories,
  signal: AbortSignal | undefined,
): Promise<DamageView[]> {
  let count = 0;
  try {
    count = await memories.damaged(signal);
  } catch (error) {
    const { damage } = whole(() => {
      throw error;
    });
    return [found('captures', { id: '', text: damage ?? '' })];
  }
  if (count === 0) return [];
  const text = `${count} answer${count === 1 ? '' : 's'} that a backup which was broken off had noted ${count === 1 ? 'is' : 'are'} damaged; the next one asks for them again.`;
  return [found('captures', { id: '', text })];
}

/** Chunks that no snapshot lists: of one that is being written, or on which others are built. */
async function damagedChunks(
  { db, seal }: CatalogParts,
  seen: ReadonlySet<number>,
  signal: AbortSignal | undefined,
): Promise<DamageView[]> {
  const sound = new SoundChunks(new ChunkTable(db), seal);
  const next = db
    .prepare<[number], number>(`SELECT seq FROM chunks WHERE seq > ? ORDER BY seq LIMIT ${CHUNKS_AT_ONCE}`)
    .pluck();
  const damaged: DamageView[] = [];
  for (let last = 0; ;) {
    const after = last;
    // As of one moment: others may be removing chunks.
    const some = db.transaction(() => {
      const seqs = next.all(after);
      return { seqs, unsound: seqs.filter((seq) => !seen.has(seq) && !sound.has(seq)) };
    });
    const { value, damage } = whole(() => withSqliteErrors(() => some()));
    if (!value) return [...damaged, found('chunks', { id: '', text: damage })];
    const { seqs, unsound } = value;
    for (const seq of unsound)
      damaged.push(
        found('chunks', { id: String(seq), text: `Chunk ${seq}, which no snapshot lists, is damaged.` }),
      );
    if (seqs.length === 0) return damaged;
    last = seqs.at(-1)!;
    throwIfAborted(signal);
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
