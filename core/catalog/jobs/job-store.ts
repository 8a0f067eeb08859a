import type { Database } from 'better-sqlite3';
import { AppError } from '../../../contract/errors.ts';
import { newId } from '../database/new-id.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { namedId, type DamagedEntry } from '../damaged-entry.ts';
import type { Seal } from '../seal.ts';
import { damaged } from '../vault/sealed-json.ts';
import type {
  Job,
  JobHead,
  JobIssuedKey,
  JobItemFailure,
  JobNotes,
  JobState,
  JournalStep,
  NewJob,
} from './job.ts';
import { createJobRows, type JobRow } from './job-rows.ts';
import { createJobRun, type JobRun } from './job-run.ts';
import { createJournal } from './journal.ts';
import type { Leases } from './leases.ts';
import type { Reserve } from './reserve.ts';

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
  /** The secrets that the server issued in this job, and that were not forgotten yet. */
  secrets(idOrPrefix: string): { readonly job: string; readonly issued: readonly JobIssuedKey[] };
  /** Keeps them no longer; answers how many there were. */
  forgetSecrets(idOrPrefix: string): number;
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

const RUNNING: readonly string[] = ['running', 'canceling'] satisfies JobState[];
const WAITING: readonly string[] = ['queued', 'interrupted'] satisfies JobState[];
const UNDONE: readonly string[] = ['failed', 'canceled'] satisfies JobState[];

export interface JobStoreOptions {
  readonly db: Database;
  readonly seal: Seal;
  readonly leases: Leases;
  /** Undefined: nothing is kept free for the ends of jobs. */
  readonly reserve?: Reserve | undefined;
  readonly now?: (() => Date) | undefined;
}

export function createJobStore({
  db,
  seal,
  leases,
  reserve,
  now = () => new Date(),
}: JobStoreOptions): JobStore {
  const journal = createJournal(db, seal);
  const rows = createJobRows(db, seal);
  const { inTransaction, headOf, jobOf, change } = rows;
  const timestamp = () => now().toISOString();
  const leaseName = (id: string) => `job ${id}`;

  function damageOf(row: JobRow): DamagedEntry[] {
    const head = whole(() => headOf(row)).value;
    const name = head ? `Job ${namedId(row.id)} (${head.title})` : `Job ${namedId(row.id)}`;
    if (!head || whole(() => jobOf(row)).damage !== undefined)
      return [{ id: row.id, text: `${name} is damaged.` }];
    const { damage } = whole(() => {
      for (const _ of journal.steps(row.seq, 0, head.counts));
      for (const _ of journal.failures(row.seq, head.counts));
    });
    return damage === undefined ? [] : [{ id: row.id, text: `The journal of ${name} is damaged.` }];
  }

  /** Inside a transaction: a job that says it runs, but whose process is not heard of, does not run. */
  function noticeDeath(row: JobRow): JobRow {
    if (!RUNNING.includes(row.state) || leases.holderOf(leaseName(row.id))) return row;
    change(row, { state: 'interrupted' });
    return rows.get(row.id)!;
  }

  function takeUp(idOrPrefix: string, from: readonly string[]): JobRun {
    // Before anything else can fill the disk.
    reserve?.keep();
    return inTransaction(() => {
      const row = rows.find(idOrPrefix);
      const head = headOf(row);
      if (!from.includes(row.state))
        throw new AppError('USAGE', `Job ${row.id} has ended (${head.state.replaceAll('_', ' ')}).`, {
          notChanged: 'Nothing was changed.',
          remedy: `See what it did: drawbridge job show ${row.id}.`,
        });
      const lease = leases.acquire(leaseName(row.id), { job: row.id, kind: head.kind });
      rows.setEnd(row.id, {});
      change(row, {
        state: 'running',
        startedAt: head.startedAt ?? timestamp(),
        finishedAt: undefined,
        attempts: head.attempts + 1,
        cancelRequested: false,
        // Asked anew once this attempt has ended.
        written: undefined,
      });
      return createJobRun({
        rows,
        journal,
        lease,
        reserve,
        timestamp,
        id: row.id,
        seq: row.seq,
        attempts: head.attempts + 1,
      });
    });
  }

  return {
    create({ kind, title, target, params }) {
      const id = newId();
      const head: JobHead = {
        kind,
        title,
        state: 'queued',
        ...(target && { target }),
        createdAt: timestamp(),
        attempts: 0,
        cancelRequested: false,
        counts: { steps: 0, unsettled: 0, failures: 0 },
      };
      return inTransaction(() => {
        rows.insert(id, head, params);
        return jobOf(rows.get(id)!);
      });
    },
    get: (idOrPrefix) => jobOf(rows.find(idOrPrefix)),
    list: ({ states, limit = -1 } = {}) => rows.list({ states, limit }).map(jobOf),
    acquire: (idOrPrefix) => takeUp(idOrPrefix, [...RUNNING, ...WAITING]),
    takeUpAgain: (idOrPrefix) => takeUp(idOrPrefix, [...RUNNING, ...WAITING, ...UNDONE]),
    requestCancel(idOrPrefix) {
      return inTransaction(() => {
        const row = noticeDeath(rows.find(idOrPrefix));
        if (RUNNING.includes(row.state)) return change(row, { state: 'canceling', cancelRequested: true });
        if (WAITING.includes(row.state))
          return change(row, { state: 'canceled', cancelRequested: true, finishedAt: timestamp() });
        return jobOf(row);
      });
    },
    markInterrupted() {
      const isLeft = ({ id }: JobRow): boolean => !leases.holderOf(leaseName(id));
      // Asked often, and mostly in vain: nobody who writes is to wait for that.
      if (!rows.running().some(isLeft)) return [];
      return inTransaction(() =>
        rows
          .running()
          .map(noticeDeath)
          .filter(({ state }) => state === 'interrupted')
          .map(jobOf),
      );
    },
    underWay: () =>
      rows
        .running()
        .filter((row) => leases.holderOf(leaseName(row.id)))
        .map((row) => {
          const { kind, title } = headOf(row);
          return { id: row.id, kind, title };
        }),
    newest: () => rows.newest(),
    remove(idOrPrefix) {
      inTransaction(() => {
        const row = rows.find(idOrPrefix);
        if (RUNNING.includes(row.state) && leases.holderOf(leaseName(row.id)))
          throw new AppError('CATALOG_LOCKED', `Job ${row.id} has not ended.`, {
            notChanged: 'The job was not removed.',
          });
        rows.remove(row.id);
      });
    },
    damaged: () =>
      // As of one moment: others may be writing to their journals.
      withSqliteErrors(() =>
        db.transaction(() => rows.list({ states: undefined, limit: -1 }).flatMap(damageOf))(),
      ),
    note: (idOrPrefix, notes) => inTransaction(() => change(rows.find(idOrPrefix), notes)),
    secrets(idOrPrefix) {
      const row = rows.find(idOrPrefix);
      const { issued = [] } = headOf(row);
      return { job: row.id, issued: issued.filter(({ secret }) => secret !== undefined) };
    },
    forgetSecrets: (idOrPrefix) =>
      inTransaction(() => {
        const row = rows.find(idOrPrefix);
        const { issued = [] } = headOf(row);
        const kept = issued.filter(({ secret }) => secret !== undefined).length;
        if (kept > 0) change(row, { issued: issued.map(({ secret: _secret, ...rest }) => rest) });
        return kept;
      }),
    *steps(idOrPrefix, after = 0) {
      const row = rows.find(idOrPrefix);
      yield* journal.steps(row.seq, after, headOf(row).counts);
    },
    unsettledSteps(idOrPrefix) {
      return inTransaction(() => {
        const row = rows.find(idOrPrefix);
        const steps = journal.unsettled(row.seq);
        if (steps.length !== headOf(row).counts.unsettled) throw damaged(['job_steps', row.id, 'outcome']);
        return steps;
      });
    },
    *failures(idOrPrefix) {
      const row = rows.find(idOrPrefix);
      yield* journal.failures(row.seq, headOf(row).counts);
    },
  };
}
