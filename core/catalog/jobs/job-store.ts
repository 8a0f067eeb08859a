import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import type { JobProgress } from '../../../contract/job.ts';
import type { JsonObject } from '../../model/record.ts';
import { findByPrefix } from '../database/find-by-prefix.ts';
import { newId } from '../database/new-id.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { DamagedEntry } from '../damaged-entry.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson } from '../vault/sealed-json.ts';
import {
  jobError,
  jobHead,
  type FinalState,
  type Job,
  type JobError,
  type JobHead,
  type JobIssuedKey,
  type JobItemFailure,
  type JobNotes,
  type JobState,
  type JournalCounts,
  type JournalStep,
  type NewJob,
  type StepYield,
} from './job.ts';
import { createJournal } from './journal.ts';
import type { Lease, Leases } from './leases.ts';

/** Jobs and their journals. Every method may throw CATALOG_DAMAGED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED. */
export interface JobStore {
  /** A queued job. */
  create(job: NewJob): Job;
  /** @throws AppError NOT_FOUND, AMBIGUOUS */
  get(idOrPrefix: string): Job;
  /** Newest first. */
  list(filter?: JobFilter): Job[];
  /**
   * Takes up a queued or interrupted job, or one whose process died: it is `running`, and ours alone.
   *
   * @throws AppError CATALOG_LOCKED when another process runs it, USAGE when it has ended
   */
  acquire(idOrPrefix: string): JobRun;
  /**
   * As `acquire`, also of one that failed or was canceled: it is `running` again, and how it had ended is forgotten.
   *
   * @throws AppError CATALOG_LOCKED when another process runs it, USAGE when it has succeeded
   */
  takeUpAgain(idOrPrefix: string): JobRun;
  /**
   * Asks that a job stop at its next batch; the process that runs it learns it from its heartbeat. One that nobody runs
   * is canceled at once; one that has ended is returned as it is.
   */
  requestCancel(idOrPrefix: string): Job;
  /** Marks jobs as `interrupted` whose process has not been heard of; returns them. Done whenever a catalog is opened. */
  markInterrupted(): Job[];
  /** Jobs that run now, in whatever process. */
  underWay(): Pick<Job, 'id' | 'kind' | 'title'>[];
  /** Rises with each job that is created, for as long as the newest is not removed. */
  newest(): number;
  /** Deletes a job that has ended or was broken off, with its journal. @throws AppError NOT_FOUND, AMBIGUOUS, CATALOG_LOCKED */
  remove(idOrPrefix: string): void;
  /** Keeps what was learned of a job, whatever its state. @throws AppError NOT_FOUND, AMBIGUOUS */
  note(idOrPrefix: string, notes: JobNotes): Job;
  /** The secrets that the server issued in this job, and that nobody was told yet: told once, and then forgotten. */
  takeSecrets(idOrPrefix: string): { readonly job: string; readonly issued: readonly JobIssuedKey[] };
  /** In order, those after step `after` if given; a page is read at a time. */
  steps(idOrPrefix: string, after?: number): Iterable<JournalStep>;
  /** The steps whose outcome nobody knows. */
  unsettledSteps(idOrPrefix: string): JournalStep[];
  /** In the order in which they happened, in bounded batches. */
  failures(idOrPrefix: string): Iterable<readonly JobItemFailure[]>;
  /** Those that cannot be read, or whose journals cannot. */
  damaged(): DamagedEntry[];
}

export interface JobFilter {
  readonly states?: readonly JobState[];
  /** At most so many. */
  readonly limit?: number;
}

/**
 * A job in the hands of the one process that runs it. Every method but `release` throws CATALOG_LOCKED, and stores
 * nothing, once the process was not heard of for so long that the job was taken from it.
 */
export interface JobRun {
  readonly id: string;
  /** How often it was taken up, this time included. */
  readonly attempts: number;
  /** To be called every few seconds, whatever else happens. */
  heartbeat(progress?: JobProgress): { cancelRequested: boolean };
  /** Before a step is run. @returns the step's number */
  intent(label: string, intent: JsonObject): number;
  /** After it. @throws AppError INTERNAL when the step's outcome is already stored */
  outcome(seq: number, outcome: 'done' | 'failed', result?: JsonObject, yielded?: StepYield): void;
  addFailures(failures: readonly JobItemFailure[]): void;
  /** What failed is going to be tried again. */
  forgetFailures(): void;
  note(notes: JobNotes): void;
  /** Ends the job and gives it back. */
  finish(state: FinalState, end?: { result?: JsonObject; error?: JobError }): Job;
  /** Gives back a job that did not end: it is `interrupted`, and can be resumed. Harmless after `finish`, and when it was taken. */
  release(): void;
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly state: string;
  readonly head: Buffer;
  readonly params: Buffer;
  readonly result: Buffer | null;
  readonly error: Buffer | null;
}

const RUNNING: readonly string[] = ['running', 'canceling'] satisfies JobState[];
const WAITING: readonly string[] = ['queued', 'interrupted'] satisfies JobState[];
const UNDONE: readonly string[] = ['failed', 'canceled'] satisfies JobState[];

export function createJobStore({
  db,
  seal,
  leases,
  now = () => new Date(),
}: {
  db: Database;
  seal: Seal;
  leases: Leases;
  now?: (() => Date) | undefined;
}): JobStore {
  const sealed = sealedJson(seal);
  const journal = createJournal(db, seal);
  const selectOne = db.prepare<[string], Row>('SELECT * FROM jobs WHERE id = ?');
  const selectNewest = db.prepare<[{ states: string | null; limit: number }], Row>(
    `SELECT * FROM jobs WHERE @states IS NULL OR state IN (SELECT value FROM json_each(@states))
      ORDER BY seq DESC LIMIT @limit`,
  );
  const selectRunning = db.prepare<[], Row>(`SELECT * FROM jobs WHERE state IN ('running', 'canceling')`);
  const insert = db.prepare<[string, string, Buffer, Buffer]>(
    'INSERT INTO jobs (id, state, head, params) VALUES (?, ?, ?, ?)',
  );
  const updateHead = db.prepare<[string, Buffer, string]>('UPDATE jobs SET state = ?, head = ? WHERE id = ?');
  const updateEnd = db.prepare<[Buffer | null, Buffer | null, string]>(
    'UPDATE jobs SET result = ?, error = ? WHERE id = ?',
  );
  const selectNewestSeq = db.prepare<[], number>('SELECT max(seq) FROM jobs').pluck();
  const deleteOne = db.prepare<[string]>('DELETE FROM jobs WHERE id = ?');
  const inTransaction = <T>(work: () => T): T => withSqliteErrors(() => db.transaction(work).immediate());
  const timestamp = () => now().toISOString();
  const leaseName = (id: string) => `job ${id}`;

  function headOf(row: Row): JobHead {
    const place = ['jobs', row.id, 'head'] as const;
    const head = sealed.open(place, row.head, jobHead);
    // The state stands in the clear as well, to be searched.
    if (head.state !== row.state) throw damaged(place);
    return head;
  }

  function jobOf(row: Row): Job {
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

  function rowOf(idOrPrefix: string): Row {
    const id = findByPrefix(db, 'jobs', idOrPrefix, 'job');
    return withSqliteErrors(() => selectOne.get(id)!);
  }

  function change(row: Row, changes: Partial<JobHead>): Job {
    const head = { ...headOf(row), ...changes };
    updateHead.run(head.state, sealed.seal(['jobs', row.id, 'head'], head), row.id);
    return jobOf(selectOne.get(row.id)!);
  }

  function count(row: Row, added: Partial<JournalCounts>): JournalCounts {
    const counts = { ...headOf(row).counts };
    for (const name of ['steps', 'unsettled', 'failures'] as const) counts[name] += added[name] ?? 0;
    change(row, { counts });
    return counts;
  }

  function damageOf(row: Row): DamagedEntry[] {
    const head = whole(() => headOf(row)).value;
    const name = head ? `Job ${row.id} (${head.title})` : `Job ${row.id}`;
    if (!head || whole(() => jobOf(row)).damage !== undefined)
      return [{ id: row.id, text: `${name} is damaged.` }];
    const { damage } = whole(() => {
      for (const _ of journal.steps(row.seq, 0, head.counts));
      for (const _ of journal.failures(row.seq, head.counts));
    });
    return damage === undefined ? [] : [{ id: row.id, text: `The journal of ${name} is damaged.` }];
  }

  /** Inside a transaction: a job that says it runs, but whose process is not heard of, does not run. */
  function noticeDeath(row: Row): Row {
    if (!RUNNING.includes(row.state) || leases.holderOf(leaseName(row.id))) return row;
    change(row, { state: 'interrupted' });
    return selectOne.get(row.id)!;
  }

  function takeUp(idOrPrefix: string, from: readonly string[]): JobRun {
    return inTransaction(() => {
      const row = rowOf(idOrPrefix);
      const head = headOf(row);
      if (!from.includes(row.state))
        throw new AppError('USAGE', `Job ${row.id} has ended (${head.state.replaceAll('_', ' ')}).`, {
          notChanged: 'Nothing was changed.',
          remedy: `See what it did: drawbridge job show ${row.id}.`,
        });
      const lease = leases.acquire(leaseName(row.id), { job: row.id, kind: head.kind });
      updateEnd.run(null, null, row.id);
      change(row, {
        state: 'running',
        startedAt: head.startedAt ?? timestamp(),
        finishedAt: undefined,
        attempts: head.attempts + 1,
        cancelRequested: false,
        // Asked anew once this attempt has ended.
        written: undefined,
      });
      return run(row.id, row.seq, { lease, attempts: head.attempts + 1 });
    });
  }

  function run(
    id: string,
    seq: number,
    { lease, attempts }: { readonly lease: Lease; readonly attempts: number },
  ): JobRun {
    let given = false;
    const whileHeld = <T>(work: (row: Row) => T): T =>
      inTransaction(() => {
        lease.assertHeld();
        return work(selectOne.get(id)!);
      });
    return {
      id,
      attempts,
      heartbeat(progress) {
        return whileHeld((row) => {
          lease.heartbeat();
          const head = progress ? change(row, { progress }) : headOf(row);
          return { cancelRequested: head.cancelRequested };
        });
      },
      intent(label, intent) {
        return whileHeld((row) => {
          const counts = count(row, { steps: 1, unsettled: 1 });
          journal.addIntent(seq, counts.steps, label, intent, timestamp());
          return counts.steps;
        });
      },
      outcome(step, outcome, result, { failures = [], issued = [], progress } = {}) {
        whileHeld((row) => {
          const { counts, ...head } = headOf(row);
          change(row, {
            counts: {
              ...counts,
              unsettled: counts.unsettled - 1,
              failures: counts.failures + failures.length,
            },
            ...(issued.length > 0 && { issued: [...(head.issued ?? []), ...issued] }),
            ...(progress && { progress }),
          });
          journal.addFailures(seq, failures);
          if (!journal.setOutcome(seq, step, outcome, result ?? null, timestamp()))
            throw new AppError(
              'INTERNAL',
              `Step ${step} of job ${id} has no intent, or its outcome is known.`,
            );
        });
      },
      addFailures(failures) {
        whileHeld((row) => {
          count(row, { failures: failures.length });
          journal.addFailures(seq, failures);
        });
      },
      forgetFailures() {
        whileHeld((row) => {
          journal.forgetFailures(seq);
          change(row, { counts: { ...headOf(row).counts, failures: 0 } });
        });
      },
      note(notes) {
        whileHeld((row) => change(row, notes));
      },
      finish(state, { result, error } = {}) {
        given = true;
        return whileHeld((row) => {
          updateEnd.run(
            result ? sealed.seal(['jobs', id, 'result'], result) : null,
            error ? sealed.seal(['jobs', id, 'error'], error) : null,
            id,
          );
          const job = change(row, { state, finishedAt: timestamp() });
          lease.release();
          return jobOf(selectOne.get(job.id)!);
        });
      },
      release() {
        if (given) return;
        given = true;
        inTransaction(() => {
          if (!lease.isHeld()) return;
          change(selectOne.get(id)!, { state: 'interrupted' });
          lease.release();
        });
      },
    };
  }

  return {
    create({ kind, title, params }) {
      const id = newId();
      const head: JobHead = {
        kind,
        title,
        state: 'queued',
        createdAt: timestamp(),
        attempts: 0,
        cancelRequested: false,
        counts: { steps: 0, unsettled: 0, failures: 0 },
      };
      return inTransaction(() => {
        insert.run(
          id,
          head.state,
          sealed.seal(['jobs', id, 'head'], head),
          sealed.seal(['jobs', id, 'params'], params),
        );
        return jobOf(selectOne.get(id)!);
      });
    },
    get: (idOrPrefix) => jobOf(rowOf(idOrPrefix)),
    list({ states, limit = -1 } = {}) {
      const parameters = { states: states ? JSON.stringify(states) : null, limit };
      return withSqliteErrors(() => selectNewest.all(parameters)).map(jobOf);
    },
    acquire: (idOrPrefix) => takeUp(idOrPrefix, [...RUNNING, ...WAITING]),
    takeUpAgain: (idOrPrefix) => takeUp(idOrPrefix, [...RUNNING, ...WAITING, ...UNDONE]),
    requestCancel(idOrPrefix) {
      return inTransaction(() => {
        const row = noticeDeath(rowOf(idOrPrefix));
        if (RUNNING.includes(row.state)) return change(row, { state: 'canceling', cancelRequested: true });
        if (WAITING.includes(row.state))
          return change(row, { state: 'canceled', cancelRequested: true, finishedAt: timestamp() });
        return jobOf(row);
      });
    },
    markInterrupted() {
      const isLeft = ({ id }: Row): boolean => !leases.holderOf(leaseName(id));
      // Asked often, and mostly in vain: nobody who writes is to wait for that.
      if (!withSqliteErrors(() => selectRunning.all()).some(isLeft)) return [];
      return inTransaction(() =>
        selectRunning
          .all()
          .map(noticeDeath)
          .filter(({ state }) => state === 'interrupted')
          .map(jobOf),
      );
    },
    underWay: () =>
      withSqliteErrors(() =>
        selectRunning
          .all()
          .filter((row) => leases.holderOf(leaseName(row.id)))
          .map((row) => {
            const { kind, title } = headOf(row);
            return { id: row.id, kind, title };
          }),
      ),
    newest: () => withSqliteErrors(() => selectNewestSeq.get()) ?? 0,
    remove(idOrPrefix) {
      inTransaction(() => {
        const row = rowOf(idOrPrefix);
        if (RUNNING.includes(row.state) && leases.holderOf(leaseName(row.id)))
          throw new AppError('CATALOG_LOCKED', `Job ${row.id} has not ended.`, {
            notChanged: 'The job was not removed.',
          });
        deleteOne.run(row.id);
      });
    },
    damaged: () =>
      // As of one moment: others may be writing to their journals.
      withSqliteErrors(() =>
        db.transaction(() => selectNewest.all({ states: null, limit: -1 }).flatMap(damageOf))(),
      ),
    note: (idOrPrefix, notes) => inTransaction(() => change(rowOf(idOrPrefix), notes)),
    takeSecrets: (idOrPrefix) =>
      inTransaction(() => {
        const row = rowOf(idOrPrefix);
        const { issued = [] } = headOf(row);
        const kept = issued.filter(({ secret }) => secret !== undefined);
        if (kept.length > 0) change(row, { issued: issued.map(({ secret: _secret, ...rest }) => rest) });
        return { job: row.id, issued: kept };
      }),
    *steps(idOrPrefix, after = 0) {
      const row = rowOf(idOrPrefix);
      yield* journal.steps(row.seq, after, headOf(row).counts);
    },
    unsettledSteps(idOrPrefix) {
      return inTransaction(() => {
        const row = rowOf(idOrPrefix);
        const steps = journal.unsettled(row.seq);
        if (steps.length !== headOf(row).counts.unsettled) throw damaged(['job_steps', row.id, 'outcome']);
        return steps;
      });
    },
    *failures(idOrPrefix) {
      const row = rowOf(idOrPrefix);
      yield* journal.failures(row.seq, headOf(row).counts);
    },
  };
}
