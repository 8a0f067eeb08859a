import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import { seriesKey, takenAt } from '../../../contract/series.ts';
import type { Section } from '../../model/sections.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import { namedId } from '../damaged-entry.ts';
import { whole } from '../chunks/damage.ts';
import { findByPrefix } from '../database/find-by-prefix.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import type { DamagedSnapshot, SnapshotFilter } from '../snapshot-store.ts';

/** What may change of a snapshot after it was committed. */
export interface Labels {
  readonly tags: readonly string[];
  readonly note?: string;
  /** As in its column, by which it is looked up. Not told by a Drawbridge that did not seal it yet. */
  readonly pinned?: boolean;
}

/** The immutable part of a manifest, as it is sealed. */
export type SealedManifest = Omit<SnapshotManifest, 'tags' | 'note' | 'pinned' | 'trashedAt'>;

interface Row {
  seq: number;
  id: string;
  origin: Buffer;
  realm: Buffer;
  root: Buffer;
  purpose: string;
  complete: number;
  started_at: string;
  finished_at: string;
  pinned: number;
  trashed_at: string | null;
  manifest: Buffer;
  labels: Buffer;
}

const COLUMNS =
  'seq, id, origin, realm, root, purpose, complete, started_at, finished_at, pinned, trashed_at, manifest, labels';

/** Access to `snapshots` and `snapshot_sections`. `insert` leaves SQLite's errors to the transaction it is called in. */
export class SnapshotTable {
  readonly #seal: Seal;
  readonly #statements;
  readonly #db: Database;

  constructor(db: Database, seal: Seal) {
    this.#db = db;
    this.#seal = seal;
    this.#statements = {
      insert: db.prepare(
        `INSERT INTO snapshots (id, origin, realm, root, purpose, complete, started_at, finished_at, manifest, labels)
         VALUES (@id, @origin, @realm, @root, @purpose, @complete, @startedAt, @finishedAt, @manifest, @labels)`,
      ),
      insertSection: db.prepare('INSERT INTO snapshot_sections (snapshot, section, list) VALUES (?, ?, ?)'),
      exact: db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM snapshots WHERE id = ?`),
      list: db.prepare<[number, Buffer | null, Buffer | null], Row>(
        `SELECT ${COLUMNS} FROM snapshots
          WHERE (trashed_at IS NOT NULL) = ? AND realm = ifnull(?, realm) AND origin = ifnull(?, origin)
          ORDER BY seq DESC`,
      ),
      everySnapshot: db.prepare<[], Row>(`SELECT ${COLUMNS} FROM snapshots ORDER BY seq`),
      latest: db.prepare<[Buffer], Row>(
        `SELECT ${COLUMNS} FROM snapshots
          WHERE origin = ? AND trashed_at IS NULL AND complete = 1 AND purpose IN ('backup', 'import')
          ORDER BY seq DESC`,
      ),
      equal: db.prepare<[Buffer, Buffer], Row>(
        // First those that people see in their list: “unchanged since” should name something they know.
        `SELECT ${COLUMNS} FROM snapshots WHERE origin = ? AND root = ? AND trashed_at IS NULL
          ORDER BY purpose IN ('backup', 'import') DESC, seq DESC`,
      ),
      sectionList: db
        .prepare<[string, string], number>(
          `SELECT list FROM snapshot_sections JOIN snapshots ON snapshots.seq = snapshot WHERE id = ? AND section = ?`,
        )
        .pluck(),
      previousList: db
        .prepare<[Buffer, string, Buffer], number>(
          `SELECT list FROM snapshots JOIN snapshot_sections ON snapshot = snapshots.seq
            WHERE realm = ? AND trashed_at IS NULL AND section = ?
            ORDER BY origin = ? DESC, complete DESC, snapshots.seq DESC LIMIT 1`,
        )
        .pluck(),
      setLabels: db.prepare('UPDATE snapshots SET labels = ? WHERE seq = ?'),
      setPinned: db.prepare('UPDATE snapshots SET pinned = ? WHERE seq = ?'),
      setTrashed: db.prepare('UPDATE snapshots SET trashed_at = ? WHERE seq = ?'),
      trashSome: db.prepare(
        `UPDATE snapshots SET trashed_at = ?
          WHERE trashed_at IS NULL AND pinned = 0 AND id IN (SELECT value FROM json_each(?))`,
      ),
      isTrashed: db
        .prepare<[number], number>('SELECT trashed_at IS NOT NULL FROM snapshots WHERE seq = ?')
        .pluck(),
    };
  }

  /** To be called in the transaction that settles the chunks. `lists`: the row of `chunk_lists` for each section. */
  insert(manifest: SealedManifest, labels: Labels, lists: ReadonlyMap<Section, number>): void {
    const { id, environment, realm, root, purpose, complete, startedAt, finishedAt } = manifest;
    const { lastInsertRowid } = this.#statements.insert.run({
      id,
      origin: this.#origin(environment, realm),
      realm: this.#realm(realm),
      root: Buffer.from(root, 'hex'),
      purpose,
      complete: Number(complete),
      startedAt,
      finishedAt,
      manifest: this.#sealed(manifest, 'manifest', id),
      labels: this.#sealed({ pinned: false, ...labels }, 'labels', id),
    });
    for (const [section, list] of lists) this.#statements.insertSection.run(lastInsertRowid, section, list);
  }

  /** Newest first, without those whose description is damaged. */
  list(filter: SnapshotFilter): SnapshotManifest[] {
    const { environment, realm } = filter;
    const byRealm = realm === undefined ? null : this.#realm(realm);
    const byOrigin =
      environment === undefined || realm === undefined ? null : this.#origin(environment, realm);
    return withSqliteErrors(() => this.#statements.list.all(Number(filter.trash ?? false), byRealm, byOrigin))
      .map((row) => whole(() => this.#manifest(row)).value)
      .filter((manifest) => manifest !== undefined)
      .filter(
        (manifest) =>
          (environment === undefined || manifest.environment === environment) &&
          (filter.tag === undefined || manifest.tags.includes(filter.tag)) &&
          (filter.purposes === undefined || filter.purposes.includes(manifest.purpose)),
      );
  }

  /** Newest first. Of any realm: which one a damaged description is about cannot be trusted. */
  damaged(trash: boolean): DamagedSnapshot[] {
    return withSqliteErrors(() => this.#statements.list.all(Number(trash), null, null)).flatMap((row) => {
      const { damage } = whole(() => this.#manifest(row));
      return damage === undefined ? [] : [{ id: row.id, text: damage }];
    });
  }

  /** The ids of all snapshots, those in the trash included, oldest first. */
  everyId(): string[] {
    return withSqliteErrors(() => this.#statements.everySnapshot.all()).map((row) => row.id);
  }

  /** @throws AppError NOT_FOUND, AMBIGUOUS, CATALOG_DAMAGED */
  get(idOrPrefix: string): SnapshotManifest {
    return withSqliteErrors(() => this.#manifest(this.#row(idOrPrefix)));
  }

  /** @throws AppError NOT_FOUND, AMBIGUOUS */
  resolve(idOrPrefix: string): string {
    return withSqliteErrors(() => this.#row(idOrPrefix)).id;
  }

  /** The newest one whose description is whole. */
  latest(environment: string, realm: string): SnapshotManifest | undefined {
    return withSqliteErrors(() =>
      this.#firstWhole(this.#statements.latest.iterate(this.#origin(environment, realm))),
    );
  }

  /** The newest snapshot of the same series with the same root; of what archives brought, one that was taken before. */
  equalTo(one: Omit<SealedManifest, 'unchangedSince'>): string | undefined {
    const origin = this.#origin(one.environment, one.realm);
    const key = seriesKey(one);
    const isBefore = (other: SnapshotManifest) =>
      seriesKey(other) === key && (!one.archived || Date.parse(takenAt(other)) <= Date.parse(takenAt(one)));
    return withSqliteErrors(() =>
      this.#firstWhole(this.#statements.equal.iterate(origin, Buffer.from(one.root, 'hex')), isBefore),
    )?.id;
  }

  /** The row of `chunk_lists`; undefined when the section was not captured. */
  sectionList(id: string, section: Section): number | undefined {
    return withSqliteErrors(() => this.#statements.sectionList.get(id, section));
  }

  /** The list that a new one is likely to resemble: of the same environment if there is one, whole if there is one. */
  previousList(environment: string | undefined, realm: string, section: Section): number | undefined {
    return withSqliteErrors(() =>
      this.#statements.previousList.get(this.#realm(realm), section, this.#origin(environment, realm)),
    );
  }

  changeLabels(idOrPrefix: string, change: (labels: Labels) => Labels): SnapshotManifest {
    return this.#change(idOrPrefix, (row) => {
      const changed = change(this.#opened(row.labels, 'labels', row.id) as Labels);
      this.#statements.setLabels.run(this.#sealed(changed, 'labels', row.id), row.seq);
    });
  }

  setPinned(idOrPrefix: string, pinned: boolean): SnapshotManifest {
    return this.#change(idOrPrefix, (row) => {
      const labels = { ...(this.#opened(row.labels, 'labels', row.id) as Labels), pinned };
      this.#statements.setLabels.run(this.#sealed(labels, 'labels', row.id), row.seq);
      this.#statements.setPinned.run(Number(pinned), row.seq);
    });
  }

  /** Takes a damaged snapshot too, even a pinned one: nobody could unpin it, and the trash keeps its bytes. */
  moveToTrash(idOrPrefix: string, now: string): void {
    const work = this.#db.transaction(() => {
      const row = this.#row(idOrPrefix);
      if (row.pinned && whole(() => this.#manifest(row)).value)
        throw new AppError('USAGE', `Snapshot ${row.id} is pinned and cannot be moved to the trash.`, {
          notChanged: 'The snapshot stays where it is.',
          remedy: 'Unpin it first if it is really to go.',
        });
      if (!this.#statements.isTrashed.get(row.seq)) this.#statements.setTrashed.run(now, row.seq);
    });
    withSqliteErrors(() => work.immediate());
  }

  moveSomeToTrash(ids: readonly string[], now: string): number {
    return withSqliteErrors(() => this.#statements.trashSome.run(now, JSON.stringify(ids)).changes);
  }

  /** @returns undefined when it is back, but its description is damaged */
  restoreFromTrash(idOrPrefix: string): SnapshotManifest | undefined {
    const work = this.#db.transaction(() => {
      const row = this.#row(idOrPrefix);
      this.#statements.setTrashed.run(null, row.seq);
      return whole(() => this.#manifest({ ...row, trashed_at: null })).value;
    });
    return withSqliteErrors(() => work.immediate());
  }

  #change(idOrPrefix: string, change: (row: Row) => unknown): SnapshotManifest {
    const work = this.#db.transaction(() => {
      const row = this.#row(idOrPrefix);
      change(row);
      return this.#manifest(this.#row(row.id));
    });
    return withSqliteErrors(() => work.immediate());
  }

  #row(idOrPrefix: string): Row {
    const exact = this.#statements.exact;
    const row =
      exact.get(idOrPrefix) ?? exact.get(findByPrefix(this.#db, 'snapshots', idOrPrefix, 'snapshot'));
    if (!row)
      throw new AppError('NOT_FOUND', `Snapshot “${idOrPrefix}” has just been deleted.`, {
        notChanged: 'No other snapshot was used instead.',
        remedy: 'See which there are: drawbridge snapshot list.',
      });
    return row;
  }

  /** Looks no further than it has to. */
  #firstWhole(
    rows: Iterable<Row>,
    fits: (manifest: SnapshotManifest) => boolean = () => true,
  ): SnapshotManifest | undefined {
    for (const row of rows) {
      const { value } = whole(() => this.#manifest(row));
      if (value && fits(value)) return value;
    }
    return undefined;
  }

  #manifest(row: Row): SnapshotManifest {
    try {
      const sealed = this.#opened(row.manifest, 'manifest', row.id) as SealedManifest;
      const { pinned, ...labels } = this.#opened(row.labels, 'labels', row.id) as Labels;
      if (!this.#agrees(row, sealed) || (pinned ?? row.pinned === 1) !== (row.pinned === 1))
        throw new Error('The columns are not what was sealed.');
      return {
        ...sealed,
        ...labels,
        pinned: row.pinned === 1,
        ...(row.trashed_at !== null && { trashedAt: row.trashed_at }),
      };
    } catch (cause) {
      throw new AppError('CATALOG_DAMAGED', `The description of snapshot ${namedId(row.id)} is damaged.`, {
        notChanged: 'Nothing was changed.',
        remedy: `“drawbridge snapshot delete ${row.id}” moves it out of the way; other snapshots are not affected.`,
        details: { snapshot: row.id },
        cause,
      });
    }
  }

  /** What is looked up by must be what is meant: nobody may pass one realm's snapshot off as another's. */
  #agrees(row: Row, sealed: SealedManifest): boolean {
    return (
      row.origin.equals(this.#origin(sealed.environment, sealed.realm)) &&
      row.realm.equals(this.#realm(sealed.realm)) &&
      row.root.toString('hex') === sealed.root &&
      row.purpose === sealed.purpose &&
      row.complete === Number(sealed.complete) &&
      row.started_at === sealed.startedAt &&
      row.finished_at === sealed.finishedAt
    );
  }

  #sealed(value: object, column: string, id: string): Buffer {
    return this.#seal.seal(Buffer.from(JSON.stringify(value)), Buffer.from(`${column}\n${id}`));
  }

  #opened(sealed: Buffer, column: string, id: string): unknown {
    return JSON.parse(this.#seal.open(sealed, Buffer.from(`${column}\n${id}`)).toString());
  }

  #origin(environment: string | undefined, realm: string): Buffer {
    return this.#name(['origin', environment ?? null, realm]);
  }

  #realm(realm: string): Buffer {
    return this.#name(['realm', realm]);
  }

  #name(parts: readonly (string | null)[]): Buffer {
    return Buffer.from(this.#seal.name(Buffer.from(JSON.stringify(parts))), 'hex');
  }
}
