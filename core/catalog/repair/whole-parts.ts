import type { Database } from 'better-sqlite3';
import type { DamageView } from '../../../contract/snapshot.ts';
import { namedId } from '../damaged-entry.ts';
import { whole } from '../chunks/damage.ts';
import { ChunkReader } from '../chunks/chunk-reader.ts';
import { ChunkTable } from '../chunks/chunk-table.ts';
import type { Catalog } from '../catalog.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import type { VerifyOptions } from '../snapshot-store.ts';
import { ChunkLists } from '../snapshots/chunk-lists.ts';
import { SnapshotTable, type Labels, type SealedManifest } from '../snapshots/snapshot-table.ts';
import { verifySnapshots } from '../snapshots/verify.ts';
import { removeDamagedSlots } from '../vault/key-slots.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import type { NamedRow } from './salvage.ts';

export type Loss = DamageView;

/** Enough for lists and their chains. In bytes. */
const CACHE_BYTES = 8 << 20;

/** Removes rows that refer to rows which are not there, and those that then do. */
export function dropDangling(db: Database): void {
  for (;;) {
    const rows = withSqliteErrors(() =>
      db
        .prepare<[], { table: string; rowid: number }>(
          'SELECT DISTINCT "table", rowid FROM pragma_foreign_key_check WHERE rowid IS NOT NULL',
        )
        .all(),
    );
    if (rows.length === 0) return;
    const drop = db.transaction(() => {
      for (const { table, rowid } of rows) db.prepare(`DELETE FROM "${table}" WHERE rowid = ?`).run(rowid);
    });
    withSqliteErrors(() => drop());
  }
}

/** Environments, plans, jobs, settings and schedules that do not open are taken out; each is a loss. */
export function dropDamagedEntries(
  db: Database,
  {
    environments,
    plans,
    jobs,
    keeping,
    schedules,
  }: Pick<Catalog, 'environments' | 'plans' | 'jobs' | 'keeping' | 'schedules'>,
): Loss[] {
  const lost: Loss[] = [];
  const drop = (
    place: NonNullable<Loss['in']>,
    entries: readonly { id: string; text: string }[],
    sql: string,
  ) => {
    for (const { id, text } of entries) {
      withSqliteErrors(() => db.prepare(sql).run(id));
      lost.push({ snapshot: '', in: place, id, text });
    }
  };
  drop('environments', environments.damaged(), 'DELETE FROM environments WHERE name_hash = ?');
  drop('plans', plans.damaged(), 'DELETE FROM plans WHERE id = ?');
  drop('jobs', jobs.damaged(), 'DELETE FROM jobs WHERE id = ?');
  drop('settings', keeping.damaged(), 'DELETE FROM catalog_settings WHERE name = ?');
  drop('schedules', schedules.damaged(), 'DELETE FROM schedules WHERE name_hash = ?');
  return lost;
}

/** Slots that open nothing any more. */
export function dropDamagedSlots(db: Database, catalogId: string): Loss[] {
  return removeDamagedSlots(db, catalogId).map((kind) => ({
    snapshot: '',
    in: 'keys' as const,
    id: kind,
    text: `The slot of the ${kind === 'recovery' ? 'recovery key' : kind} is damaged: it opens nothing any more.`,
  }));
}

/**
 * Puts snapshots back by what is sealed of them: what stands beside it in the clear is made anew, and their lists are
 * found by their roots.
 *
 * @param rows of the table of snapshots, as they were left, in the order of their numbers
 */
export function putSnapshots(db: Database, seal: Seal, rows: readonly NamedRow[]): Loss[] {
  const lost: Loss[] = [];
  const table = new SnapshotTable(db, seal);
  const listOf = db.prepare<[Buffer], number>('SELECT seq FROM chunk_lists WHERE root = ?').pluck();
  const flags = db.prepare<[number, string | null, string]>(
    'UPDATE snapshots SET pinned = ?, trashed_at = ? WHERE id = ?',
  );
  const lose = (id: string, text: string) => lost.push({ snapshot: id, in: 'snapshots', text });
  const put = db.transaction((row: NamedRow) => {
    const id = String(row['id']);
    const open = (column: string) =>
      whole(() => {
        const sealed = row[column];
        const bytes = Buffer.isBuffer(sealed) ? sealed : Buffer.alloc(0);
        return JSON.parse(seal.open(bytes, Buffer.from(`${column}\n${id}`)).toString()) as unknown;
      }).value;
    const manifest = open('manifest') as SealedManifest | undefined;
    if (!manifest) {
      // What stands in the clear says at least when it was taken, and what for.
      lose(
        id,
        `The description of snapshot ${namedId(id)} is damaged${inTheClear(row)}: of which realm it is can no more be read.`,
      );
      return;
    }
    const labels = open('labels') as Labels | undefined;
    if (!labels) lose(id, `The tags and the note of ${nameOf(manifest)} are damaged; the snapshot is kept.`);
    const lists = new Map<Section, number>();
    for (const section of SECTIONS) {
      const root = manifest.summaries[section]?.root;
      const list = root === undefined ? undefined : listOf.get(Buffer.from(root, 'hex'));
      if (list !== undefined) lists.set(section, list);
    }
    const pinned = labels?.pinned ?? row['pinned'] === 1;
    table.insert(manifest, { tags: [], ...labels, pinned }, lists);
    const { trashed_at } = row;
    flags.run(Number(pinned), typeof trashed_at === 'string' ? trashed_at : null, id);
  });
  for (const row of rows) withSqliteErrors(() => put(row));
  return lost;
}

/** When and for what it was taken, unless that is damaged as well. */
function inTheClear({ started_at: begun, purpose }: NamedRow): string {
  const facts = [
    ...(typeof begun === 'string' && /^[\d-]{10}T[\d:.]{8,12}Z$/.test(begun) ? [`begun ${begun}`] : []),
    ...(typeof purpose === 'string' && /^[a-z]{4,12}$/.test(purpose) ? [purpose] : []),
  ];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

/**
 * Takes out the snapshots of which not every byte can be proved. Each is one loss, also where little of it is damaged: of a
 * snapshot, a part is not kept.
 */
export async function dropDamagedSnapshots(
  db: Database,
  seal: Seal,
  options: VerifyOptions,
): Promise<Loss[]> {
  const snapshots = new SnapshotTable(db, seal);
  const { report } = await verifySnapshots({ db, seal, snapshots }, snapshots.everyId(), options);
  const lost = [...Map.groupBy(report.damaged, ({ snapshot }) => snapshot)].map(([snapshot, found]) => ({
    snapshot,
    in: 'snapshots' as const,
    text: lostSnapshotText(snapshot, whole(() => snapshots.get(snapshot)).value, found),
  }));
  const remove = db.prepare<[string]>('DELETE FROM snapshots WHERE id = ?');
  for (const { snapshot } of lost) withSqliteErrors(() => remove.run(snapshot));
  return lost;
}

function lostSnapshotText(
  id: string,
  manifest: SnapshotManifest | undefined,
  found: readonly DamageView[],
): string {
  const name = manifest ? nameOf(manifest) : `snapshot ${namedId(id)}`;
  const damage = found.map(({ section, text }) => (section === undefined ? text : `${section}: ${text}`));
  const lost = `All of ${name} is lost, since not all of it is whole. ${damage.join(' ')}`;
  if (!manifest) return lost;
  const hurt = new Set(found.flatMap(({ section }) => section ?? []));
  const sound = manifest.sections.filter((section) => !hurt.has(section)).length;
  const of = manifest.sections.length;
  return `${lost} ${sound} of its ${of} section${of === 1 ? '' : 's'} ${sound === 1 ? 'was' : 'were'} whole.`;
}

/** Takes out chunks and lists that no snapshot needs, whole or not: they would only ever be found damaged. */
export function dropUnneededChunks(db: Database, seal: Seal): void {
  const table = new ChunkTable(db);
  const lists = new ChunkLists(db, seal, new ChunkReader(table, seal, CACHE_BYTES));
  const needed = new Set<number>();
  const need = (seq: number): void => {
    if (needed.has(seq)) return;
    needed.add(seq);
    for (const base of table.place(seq)?.bases ?? []) need(base);
  };
  const drop = db.transaction(() => {
    db.exec('DELETE FROM chunk_lists WHERE seq NOT IN (SELECT list FROM snapshot_sections)');
    for (const list of db.prepare<[], number>('SELECT seq FROM chunk_lists').pluck().all()) {
      for (const seq of lists.pages(list)) need(seq);
      for (const { seq } of lists.chunks(list)) need(seq);
    }
    const remove = db.prepare<[number]>('DELETE FROM chunks WHERE seq = ?');
    // The newest first: a base goes after what is built on it.
    for (const seq of db.prepare<[], number>('SELECT seq FROM chunks ORDER BY seq DESC').pluck().all())
      if (!needed.has(seq)) remove.run(seq);
    db.exec('UPDATE chunks SET writer = NULL');
  });
  withSqliteErrors(() => drop());
}

function nameOf({ id, realm, environment, finishedAt }: SealedManifest): string {
  const from = environment === undefined ? 'a file' : `“${environment}”`;
  return `snapshot ${id} (realm “${realm}” from ${from}, ${finishedAt})`;
}
