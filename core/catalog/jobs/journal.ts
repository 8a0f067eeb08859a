import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { foundAgain } from '../../../contract/found-again.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS } from '../../model/sections.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson, type Place } from '../vault/sealed-json.ts';
import type { FoundFailures, JobItemFailure, JournalCounts, JournalStep } from './job.ts';

/** Read at once; each is a batch of a job, so this bounds memory. */
const STEPS_A_PAGE = 100;
const FAILURES_A_BATCH = 500;

const object = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);
const storedIntent = z.object({ label: z.string(), intent: object, at: z.iso.datetime() });
const storedOutcome = z.object({
  outcome: z.enum(['done', 'failed']),
  result: object.nullable(),
  at: z.iso.datetime(),
});
const storedFailures = z.object({
  failures: z.array(
    z.object({
      section: z.enum(SECTIONS),
      key: z.string(),
      reason: z.string(),
      found: foundAgain.optional(),
    }),
  ),
});

/**
 * The steps and item failures of jobs, by the job's row number. Writing is called inside the caller's transactions, which
 * keep the job's counts; reading proves by these counts that nothing is missing.
 */
export interface Journal {
  addIntent(job: number, seq: number, label: string, intent: JsonObject, at: string): void;
  /** @returns false when there is no such step, or its outcome is known already */
  setOutcome(
    job: number,
    seq: number,
    outcome: 'done' | 'failed',
    result: JsonObject | null,
    at: string,
  ): boolean;
  addFailures(job: number, failures: readonly JobItemFailure[]): void;
  /** Each failure keeps its place: who reads them meanwhile misses none. */
  noteFound(job: number, found: FoundFailures): void;
  forgetFailures(job: number): void;
  steps(job: number, after: number, counts: JournalCounts): Iterable<JournalStep>;
  /** Few: those that were under way at once when the job stopped. */
  unsettled(job: number): JournalStep[];
  failures(job: number, counts: JournalCounts): Iterable<readonly JobItemFailure[]>;
}

interface StepRow {
  readonly seq: number;
  readonly intent: Buffer;
  readonly outcome: Buffer | null;
}

interface FailuresRow {
  readonly batch: number;
  readonly failures: Buffer;
}

export function createJournal(db: Database, seal: Seal): Journal {
  const sealed = sealedJson(seal);
  const place = (table: string, job: number, row: number, column: string): Place => [
    table,
    `${job}/${row}`,
    column,
  ];
  const insertStep = db.prepare<[number, number, Buffer]>(
    'INSERT INTO job_steps (job, seq, intent) VALUES (?, ?, ?)',
  );
  const settle = db.prepare<[Buffer, number, number]>(
    'UPDATE job_steps SET outcome = ? WHERE job = ? AND seq = ? AND outcome IS NULL',
  );
  const selectSteps = db.prepare<[number, number], StepRow>(
    `SELECT seq, intent, outcome FROM job_steps WHERE job = ? AND seq > ? ORDER BY seq LIMIT ${STEPS_A_PAGE}`,
  );
  const selectUnsettled = db.prepare<[number], StepRow>(
    'SELECT seq, intent, outcome FROM job_steps WHERE job = ? AND outcome IS NULL ORDER BY seq',
  );
  const nextBatch = db
    .prepare<[number], number>('SELECT coalesce(max(batch), 0) + 1 FROM job_failures WHERE job = ?')
    .pluck();
  const insertFailures = db.prepare<[number, number, Buffer]>(
    'INSERT INTO job_failures (job, batch, failures) VALUES (?, ?, ?)',
  );
  const selectFailures = db.prepare<[number, number], FailuresRow>(
    'SELECT batch, failures FROM job_failures WHERE job = ? AND batch > ? ORDER BY batch LIMIT 1',
  );
  const changeFailures = db.prepare<[Buffer, number, number]>(
    'UPDATE job_failures SET failures = ? WHERE job = ? AND batch = ?',
  );
  const removeFailures = db.prepare<[number]>('DELETE FROM job_failures WHERE job = ?');

  function stepOf(job: number, row: StepRow): JournalStep {
    const intent = sealed.open(place('job_steps', job, row.seq, 'intent'), row.intent, storedIntent);
    const outcome =
      row.outcome && sealed.open(place('job_steps', job, row.seq, 'outcome'), row.outcome, storedOutcome);
    return {
      seq: row.seq,
      label: intent.label,
      intent: intent.intent,
      intentAt: intent.at,
      outcome: outcome?.outcome ?? null,
      result: outcome?.result ?? null,
      outcomeAt: outcome?.at ?? null,
    };
  }

  return {
    addIntent(job, seq, label, intent, at) {
      insertStep.run(job, seq, sealed.seal(place('job_steps', job, seq, 'intent'), { label, intent, at }));
    },
    setOutcome(job, seq, outcome, result, at) {
      const value = sealed.seal(place('job_steps', job, seq, 'outcome'), { outcome, result, at });
      return settle.run(value, job, seq).changes === 1;
    },
    addFailures(job, failures) {
      for (let start = 0; start < failures.length; start += FAILURES_A_BATCH) {
        const some = failures.slice(start, start + FAILURES_A_BATCH);
        const batch = nextBatch.get(job)!;
        const value = sealed.seal(place('job_failures', job, batch, 'failures'), { failures: some });
        insertFailures.run(job, batch, value);
      }
    },
    noteFound(job, found) {
      for (let last = 0; ;) {
        const row = selectFailures.get(job, last);
        if (!row) return;
        last = row.batch;
        const where = place('job_failures', job, row.batch, 'failures');
        const { failures } = sealed.open(where, row.failures, storedFailures);
        const told = failures.map((before) => {
          const { found: _, ...failure } = before;
          const standing = found.get(`${failure.section}/${failure.key}`);
          return { ...failure, ...(standing && { found: standing }) };
        });
        changeFailures.run(sealed.seal(where, { failures: told }), job, row.batch);
      }
    },
    forgetFailures(job) {
      removeFailures.run(job);
    },
    // Both read page by page instead of keeping a statement open, which would lock out every write on this connection.
    *steps(job, after, counts) {
      for (let last = after; ;) {
        const rows = withSqliteErrors(() => selectSteps.all(job, last));
        // More than were counted may have been added since.
        if (rows.length === 0 && last < counts.steps)
          throw damaged(place('job_steps', job, last + 1, 'intent'));
        if (rows.length === 0) return;
        for (const row of rows) {
          if (row.seq !== ++last) throw damaged(place('job_steps', job, last, 'intent'));
          yield stepOf(job, row);
        }
      }
    },
    unsettled: (job) => selectUnsettled.all(job).map((row) => stepOf(job, row)),
    *failures(job, counts) {
      for (let last = 0, found = 0; ; last++) {
        const row = withSqliteErrors(() => selectFailures.get(job, last));
        const where = place('job_failures', job, last + 1, 'failures');
        if (row ? row.batch !== last + 1 : found < counts.failures) throw damaged(where);
        if (!row) return;
        const { failures } = sealed.open(where, row.failures, storedFailures);
        yield failures;
        found += failures.length;
      }
    },
  };
}
