import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';

/** A chunk as it is stored. Ids are hex here, bytes in the tables. */
export interface StoredChunk {
  readonly seq: number;
  readonly id: string;
  readonly depth: number;
  readonly bases: readonly number[];
  readonly sealed: Buffer;
}

export interface NewChunk {
  readonly id: string;
  readonly depth: number;
  readonly bases: readonly number[];
  readonly sealed: Buffer;
}

/** Where a chunk stands among others, without its bytes. */
export interface ChunkPlace {
  readonly id: string;
  readonly depth: number;
  readonly bases: readonly number[];
  /** Of what is stored, sealed. */
  readonly bytes: number;
}

/** How many rows one deleting transaction takes: some 30 ms. */
const DELETED_AT_ONCE = 200;

interface Row {
  id: string;
  base: number | null;
  base2: number | null;
  depth: number;
}

/** Access to `chunks` and `chunk_data`. Everything is synchronous; no transaction outlives a call. */
export class ChunkTable {
  readonly #db: Database;
  readonly #load;
  readonly #place;
  readonly #find;
  readonly #insert;
  readonly #insertData;
  readonly #adopt;
  readonly #ids;
  readonly #chains;
  readonly #missing;
  readonly #settle;
  readonly #discard;
  readonly #standAlone;
  readonly #replaceData;

  constructor(db: Database) {
    this.#db = db;
    this.#load = db.prepare<[number], Row & { sealed: Buffer }>(
      'SELECT lower(hex(id)) AS id, base, base2, depth, sealed FROM chunks JOIN chunk_data USING (seq) WHERE seq = ?',
    );
    this.#place = db.prepare<[number], Row & { bytes: number }>(
      `SELECT lower(hex(id)) AS id, base, base2, depth, length(sealed) AS bytes
         FROM chunks JOIN chunk_data USING (seq) WHERE seq = ?`,
    );
    this.#find = db.prepare<[Buffer], { seq: number; writer: string | null }>(
      'SELECT seq, writer FROM chunks WHERE id = ?',
    );
    this.#insert = db.prepare('INSERT INTO chunks (id, base, base2, depth, writer) VALUES (?, ?, ?, ?, ?)');
    this.#insertData = db.prepare('INSERT INTO chunk_data (seq, sealed) VALUES (?, ?)');
    this.#adopt = db.prepare('UPDATE chunks SET writer = NULL WHERE seq = ?');
    this.#ids = db
      .prepare<[string], [number, string]>(
        'SELECT seq, lower(hex(chunks.id)) FROM json_each(?) CROSS JOIN chunks ON seq = value',
      )
      .raw();
    this.#chains = db
      .prepare<[], [number, number]>('SELECT seq, base FROM chunks WHERE base IS NOT NULL ORDER BY seq')
      .raw();
    this.#missing = db
      .prepare<[string], number>(
        'SELECT count(*) FROM json_each(?) WHERE value NOT IN (SELECT seq FROM chunks)',
      )
      .pluck();
    this.#settle = db.prepare('UPDATE chunks SET writer = NULL WHERE writer = ?');
    this.#standAlone = db.prepare('UPDATE chunks SET base = NULL, base2 = NULL, depth = 0 WHERE seq = ?');
    this.#replaceData = db.prepare('INSERT OR REPLACE INTO chunk_data (seq, sealed) VALUES (?, ?)');
    this.#discard = db.prepare(
      `DELETE FROM chunks WHERE seq IN (SELECT seq FROM chunks WHERE writer = ? LIMIT ${DELETED_AT_ONCE})`,
    );
  }

  load(seq: number): StoredChunk | undefined {
    const row = withSqliteErrors(() => this.#load.get(seq));
    return row && { seq, id: row.id, depth: row.depth, bases: basesOf(row), sealed: row.sealed };
  }

  place(seq: number): ChunkPlace | undefined {
    const row = withSqliteErrors(() => this.#place.get(seq));
    return row && { id: row.id, depth: row.depth, bases: basesOf(row), bytes: row.bytes };
  }

  /** A chunk that `writer` can count on: one that stays, or its own. Another writer's may yet be discarded. */
  seqOf(id: string, writer: string): number | undefined {
    const found = withSqliteErrors(() => this.#find.get(bytes(id)));
    return found && (found.writer === null || found.writer === writer) ? found.seq : undefined;
  }

  /** @returns undefined when there is no chunk of this name */
  seqNamed(id: string): number | undefined {
    return withSqliteErrors(() => this.#find.get(bytes(id)))?.seq;
  }

  /**
   * An order in which each chunk comes soon after those it is built on: by the whole chunk at the end of its chain, then
   * by age.
   */
  chainOrder(): (a: number, b: number) => number {
    const root = new Map<number, number>();
    // A base is always older than what is built on it, so its own root is known already.
    for (const [seq, base] of withSqliteErrors(() => this.#chains.all()))
      root.set(seq, root.get(base) ?? base);
    return (a, b) => (root.get(a) ?? a) - (root.get(b) ?? b) || a - b;
  }

  /** The ids of chunks by their numbers; chunks that are missing are missing in the answer. */
  ids(seqs: readonly number[]): Map<number, string> {
    return new Map(withSqliteErrors(() => this.#ids.all(JSON.stringify(seqs))));
  }

  /**
   * Stores chunks in one transaction, marked as the writer's. One that another writer has stored is used as it is, and
   * kept even if that writer gives up (or was killed).
   *
   * @returns the number of each new chunk, in order
   * @throws AppError DISK_FULL, CATALOG_LOCKED (also: what a chunk is built on was deleted), CATALOG_DAMAGED, FILE_FAILED
   */
  store(writer: string, chunks: readonly NewChunk[]): number[] {
    const transaction = this.#db.transaction(() =>
      chunks.map((chunk) => this.#adoptExisting(chunk.id, writer) ?? this.#insertNew(chunk, writer)),
    );
    return withSqliteErrors(() => {
      try {
        return transaction.immediate();
      } catch (error) {
        throw isBaseMissing(error) ? chunksGone() : error;
      }
    });
  }

  /** Stores what is damaged anew, without a base. What is built on it stays as it is: its name is the same. */
  replace(seq: number, sealed: Buffer): void {
    const transaction = this.#db.transaction(() => {
      this.#standAlone.run(seq);
      this.#replaceData.run(seq, sealed);
    });
    withSqliteErrors(() => transaction.immediate());
  }

  /** How many of these chunks do not exist. */
  missing(seqs: readonly number[]): number {
    return withSqliteErrors(() => this.#missing.get(JSON.stringify(seqs))) ?? 0;
  }

  /** Makes a writer's chunks permanent. To be called in the transaction that makes its snapshot visible. */
  settle(writer: string): void {
    this.#settle.run(writer);
  }

  /** Deletes some of a writer's chunks that nobody else has come to need. @returns whether there may be more */
  discardSome(writer: string): boolean {
    return withSqliteErrors(() => this.#discard.run(writer).changes) === DELETED_AT_ONCE;
  }

  #adoptExisting(id: string, writer: string): number | undefined {
    const found = this.#find.get(bytes(id));
    if (found && found.writer !== null && found.writer !== writer) this.#adopt.run(found.seq);
    return found?.seq;
  }

  #insertNew({ id, bases, depth, sealed }: NewChunk, writer: string): number {
    const [base = null, base2 = null] = bases;
    const seq = Number(this.#insert.run(bytes(id), base, base2, depth, writer).lastInsertRowid);
    this.#insertData.run(seq, sealed);
    return seq;
  }
}

function bytes(id: string): Buffer {
  return Buffer.from(id, 'hex');
}

function basesOf(row: Row): number[] {
  return [row.base, row.base2].filter((base) => base !== null);
}

function isBaseMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}

/** For a writer that nobody knew to be at work: its process had not been heard of for long. */
export function chunksGone(): AppError {
  return new AppError('CATALOG_LOCKED', 'Stored chunks were removed while a snapshot was being written.', {
    notChanged: 'No snapshot was stored; those before it are unchanged.',
    remedy: 'Another Drawbridge process was freeing space: try again.',
  });
}
