import { AppError, isAppError } from '../../../contract/errors.ts';
import type { JobProgress } from '../../../contract/job.ts';
import type { JsonObject } from '../../model/record.ts';
import type { FinalState, FoundFailures, Job, JobError, JobItemFailure, JobNotes, StepYield } from './job.ts';
import type { JobRow, JobRows } from './job-rows.ts';
import type { Journal } from './journal.ts';
import type { Lease } from './leases.ts';
import type { Reserve } from './reserve.ts';

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
  /** What stands there of those that failed, now that the target was read again. */
  noteFound(found: FoundFailures): void;
  /** What failed is going to be tried again. */
  forgetFailures(): void;
  note(notes: JobNotes): void;
  /** Ends the job and gives it back. */
  finish(state: FinalState, end?: { result?: JsonObject; error?: JobError }): Job;
  /** Gives back a job that did not end: it is `interrupted`, and can be resumed. Harmless after `finish`, and when it was taken. */
  release(): void;
}

/** What holds a job, and which. */
interface Held {
  readonly rows: JobRows;
  readonly journal: Journal;
  readonly lease: Lease;
  readonly reserve: Reserve | undefined;
  readonly timestamp: () => string;
  readonly id: string;
  readonly seq: number;
  readonly attempts: number;
}

export function createJobRun({ rows, journal, lease, reserve, timestamp, id, seq, attempts }: Held): JobRun {
  let given = false;
  const whileHeld = <T>(work: (row: JobRow) => T): T =>
    rows.inTransaction(() => {
      lease.assertHeld();
      return work(rows.get(id)!);
    });
  return {
    id,
    attempts,
    heartbeat(progress) {
      return whileHeld((row) => {
        lease.heartbeat();
        const head = progress ? rows.change(row, { progress }) : rows.headOf(row);
        return { cancelRequested: head.cancelRequested };
      });
    },
    intent(label, intent) {
      return whileHeld((row) => {
        const counts = rows.count(row, { steps: 1, unsettled: 1 });
        journal.addIntent(seq, counts.steps, label, intent, timestamp());
        return counts.steps;
      });
    },
    outcome(step, outcome, result, { failures = [], issued = [], progress } = {}) {
      whileHeld((row) => {
        const { counts, ...head } = rows.headOf(row);
        rows.change(row, {
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
          throw new AppError('INTERNAL', `Step ${step} of job ${id} has no intent, or its outcome is known.`);
      });
    },
    addFailures(failures) {
      whileHeld((row) => {
        rows.count(row, { failures: failures.length });
        journal.addFailures(seq, failures);
      });
    },
    noteFound(found) {
      whileHeld(() => journal.noteFound(seq, found));
    },
    forgetFailures() {
      whileHeld((row) => {
        journal.forgetFailures(seq);
        rows.change(row, { counts: { ...rows.headOf(row).counts, failures: 0 } });
      });
    },
    note(notes) {
      whileHeld((row) => rows.change(row, notes));
    },
    finish(state, end = {}) {
      given = true;
      const store = () =>
        whileHeld((row) => {
          rows.setEnd(id, end);
          rows.change(row, { state, finishedAt: timestamp() });
          lease.release();
          return rows.jobOf(rows.get(id)!);
        });
      try {
        return store();
      } catch (error) {
        // That it has ended must be stored whatever the disk says: else it seems to run until its lease is over.
        if (!isAppError(error, 'DISK_FULL') || !reserve?.giveUp()) throw error;
        return store();
      }
    },
    release() {
      if (given) return;
      given = true;
      rows.inTransaction(() => {
        if (!lease.isHeld()) return;
        rows.change(rows.get(id)!, { state: 'interrupted' });
        lease.release();
      });
    },
  };
}
