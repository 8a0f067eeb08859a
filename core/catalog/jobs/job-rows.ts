import type { Database } from 'better-sqlite3';
import type { JsonObject } from '../../model/record.ts';
import { findByPrefix } from '../database/find-by-prefix.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson } from '../vault/sealed-json.ts';
import { jobError, jobHead, type Job, type JobError, type JobHead, type JournalCounts } from './job.ts';

/** A job as its table has it. */
export interface JobRow {
  readonly seq: number;
  readonly id: string;
  readonly state: string;
  readonly head: Buffer;
  readonly params: Buffer;
  readonly result: Buffer | null;
  readonly error: Buffer | null;
}

/** The table of jobs, opened and sealed. What changes it is called inside a transaction. */
export interface JobRows {
  readonly inTransaction: <T>(work: () => T) => T;
  /** Undefined when there is none, or no more. */
  get(id: string): JobRow | undefined;
  /** @throws AppError NOT_FOUND, AMBIGUOUS */
  find(idOrPrefix: string): JobRow;
  /** Newest first. */
  list(filter: { readonly states: readonly string[] | undefined; readonly limit: number }): JobRow[];
  /** Those that say that they run. */
  running(): JobRow[];
  newest(): number;
  readonly headOf: (row: JobRow) => JobHead;
  readonly jobOf: (row: JobRow) => Job;
  insert(id: string, head: JobHead, params: JsonObject): void;
  readonly change: (row: JobRow, changes: Partial<JobHead>) => Job;
  /** How it ended; both undefined: not yet, or not any more. */
  setEnd(
    id: string,
    end: { readonly result?: JsonObject | undefined; readonly error?: JobError | undefined },
  ): void;
  /** Adds to the counts by which its journal is proved. @returns what they are now */
  count(row: JobRow, added: Partial<JournalCounts>): JournalCounts;
  remove(id: string): void;
}

export function createJobRows(db: Database, seal: Seal): JobRows {
  const sealed = sealedJson(seal);
  const selectOne = db.prepare<[string], JobRow>('SELECT * FROM jobs WHERE id = ?');
  const selectNewest = db.prepare<[{ states: string | null; limit: number }], JobRow>(
    `SELECT * FROM jobs WHERE @states IS NULL OR state IN (SELECT value FROM json_each(@states))
      ORDER BY seq DESC LIMIT @limit`,
  );
  const selectRunning = db.prepare<[], JobRow>(`SELECT * FROM jobs WHERE state IN ('running', 'canceling')`);
  const insertOne = db.prepare<[string, string, Buffer, Buffer]>(
    'INSERT INTO jobs (id, state, head, params) VALUES (?, ?, ?, ?)',
  );
  const updateHead = db.prepare<[string, Buffer, string]>('UPDATE jobs SET state = ?, head = ? WHERE id = ?');
  const updateEnd = db.prepare<[Buffer | null, Buffer | null, string]>(
    'UPDATE jobs SET result = ?, error = ? WHERE id = ?',
  );
  const selectNewestSeq = db.prepare<[], number>('SELECT max(seq) FROM jobs').pluck();
  const deleteOne = db.prepare<[string]>('DELETE FROM jobs WHERE id = ?');

  function headOf(row: JobRow): JobHead {
    const place = ['jobs', row.id, 'head'] as const;
    const head = sealed.open(place, row.head, jobHead);
    // The state stands in the clear as well, to be searched.
    if (head.state !== row.state) throw damaged(place);
    return head;
  }

  function jobOf(row: JobRow): Job {
    const { issued, ...head } = headOf(row);
    return {
      id: row.id,
      ...head,
      ...(issued && {
        issued: issued.map(({ secret: _secret, ...rest }) => rest),
        secretsKept: issued.filter(({ secret }) => secret !== undefined).length,
      }),
      params: sealed.openObject(['jobs', row.id, 'params'], row.params),
      ...(row.result && { result: sealed.openObject(['jobs', row.id, 'result'], row.result) }),
      ...(row.error && { error: sealed.open(['jobs', row.id, 'error'], row.error, jobError) }),
    };
  }

  function change(row: JobRow, changes: Partial<JobHead>): Job {
    const head = { ...headOf(row), ...changes };
    updateHead.run(head.state, sealed.seal(['jobs', row.id, 'head'], head), row.id);
    return jobOf(selectOne.get(row.id)!);
  }

  return {
    inTransaction: (work) => withSqliteErrors(() => db.transaction(work).immediate()),
    get: (id) => selectOne.get(id),
    find(idOrPrefix) {
      const id = findByPrefix(db, 'jobs', idOrPrefix, 'job');
      return withSqliteErrors(() => selectOne.get(id)!);
    },
    list({ states, limit }) {
      const parameters = { states: states ? JSON.stringify(states) : null, limit };
      return withSqliteErrors(() => selectNewest.all(parameters));
    },
    running: () => withSqliteErrors(() => selectRunning.all()),
    newest: () => withSqliteErrors(() => selectNewestSeq.get()) ?? 0,
    headOf,
    jobOf,
    insert(id, head, params) {
      insertOne.run(
        id,
        head.state,
        sealed.seal(['jobs', id, 'head'], head),
        sealed.seal(['jobs', id, 'params'], params),
      );
    },
    change,
    setEnd(id, { result, error }) {
      updateEnd.run(
        result ? sealed.seal(['jobs', id, 'result'], result) : null,
        error ? sealed.seal(['jobs', id, 'error'], error) : null,
        id,
      );
    },
    count(row, added) {
      const counts = { ...headOf(row).counts };
      for (const name of ['steps', 'unsettled', 'failures'] as const) counts[name] += added[name] ?? 0;
      change(row, { counts });
      return counts;
    },
    remove(id) {
      deleteOne.run(id);
    },
  };
}
