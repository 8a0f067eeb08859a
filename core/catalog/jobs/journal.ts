import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS } from '../../model/sections.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson, type Place } from '../vault/sealed-json.ts';
import type { JobItemFailure, JournalStep } from './job.ts';

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
  failures: z.array(z.object({ section: z.enum(SECTIONS), key: z.string(), reason: z.string() })),
});

/** The steps and item failures of jobs, by the job's row number. Called inside the caller's transactions. */
export interface Journal {
  addIntent(job: number, label: string, intent: JsonObject, at: string): number;
  /** @returns false when there is no such step, or its outcome is known already */
  setOutcome(
    job: number,
    seq: number,
    outcome: 'done' | 'failed',
    result: JsonObject | null,
    at: string,
  ): boolean;
  addFailures(job: number, failures: readonly JobItemFailure[]): void;
  steps(job: number, options: StepsOptions): Iterable<JournalStep>;
  failures(job: number): Iterable<readonly JobItemFailure[]>;
  counts(job: number): JournalCounts;
}

export interface StepsOptions {
  /** Only steps after this one. */
  readonly after?: number;
  /** Only steps whose outcome nobody knows. */
  readonly unsettled?: boolean;
}

export interface JournalCounts {
  readonly steps: number;
  readonly unsettled: number;
  readonly failures: number;
}

interface StepRow {
  readonly seq: number;
  readonly intent: Buffer;
  readonly outcome: Buffer | null;
}

interface FailuresRow {
  readonly batch: number;
  readonly count: number;
  readonly failures: Buffer;
}

export function createJournal(db: Database, seal: Seal): Journal {
  const sealed = sealedJson(seal);
  const place = (table: string, job: number, row: number, column: string): Place => [
    table,
    `${job}/${row}`,
    column,
  ];
  const nextSeq = db
    .prepare<[number], number>('SELECT coalesce(max(seq), 0) + 1 FROM job_steps WHERE job = ?')
    .pluck();
  const insertStep = db.prepare<[number, number, Buffer]>(
    'INSERT INTO job_steps (job, seq, intent) VALUES (?, ?, ?)',
  );
  const settle = db.prepare<[Buffer, number, number]>(
    'UPDATE job_steps SET outcome = ? WHERE job = ? AND seq = ? AND outcome IS NULL',
  );
  const selectSteps = (condition: string) =>
    db.prepare<[number, number], StepRow>(
      `SELECT seq, intent, outcome FROM job_steps WHERE job = ? AND seq > ? AND ${condition} ORDER BY seq LIMIT ${STEPS_A_PAGE}`,
    );
  const selectAll = selectSteps('TRUE');
  const selectUnsettled = selectSteps('outcome IS NULL');
  const nextBatch = db
    .prepare<[number], number>('SELECT coalesce(max(batch), 0) + 1 FROM job_failures WHERE job = ?')
    .pluck();
  const insertFailures = db.prepare<[number, number, number, Buffer]>(
    'INSERT INTO job_failures (job, batch, count, failures) VALUES (?, ?, ?, ?)',
  );
  const selectFailures = db.prepare<[number, number], FailuresRow>(
    'SELECT batch, count, failures FROM job_failures WHERE job = ? AND batch > ? ORDER BY batch LIMIT 1',
  );
  const count = db.prepare<{ job: number }, JournalCounts>(
    `SELECT (SELECT count(*) FROM job_steps WHERE job = @job) AS steps,
            (SELECT count(*) FROM job_steps WHERE job = @job AND outcome IS NULL) AS unsettled,
            (SELECT coalesce(sum(count), 0) FROM job_failures WHERE job = @job) AS failures`,
  );

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
    addIntent(job, label, intent, at) {
      const seq = nextSeq.get(job)!;
      insertStep.run(job, seq, sealed.seal(place('job_steps', job, seq, 'intent'), { label, intent, at }));
      return seq;
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
        insertFailures.run(job, batch, some.length, value);
      }
    },
    // Both read page by page instead of keeping a statement open, which would lock out every write on this connection.
    *steps(job, { after = 0, unsettled = false }) {
      const select = unsettled ? selectUnsettled : selectAll;
      for (let last = after; ;) {
        const rows = withSqliteErrors(() => select.all(job, last));
        if (rows.length === 0) return;
        for (const row of rows) yield stepOf(job, row);
        last = rows.at(-1)!.seq;
      }
    },
    *failures(job) {
      for (let last = 0; ;) {
        const row = withSqliteErrors(() => selectFailures.get(job, last));
        if (!row) return;
        const where = place('job_failures', job, row.batch, 'failures');
        const { failures } = sealed.open(where, row.failures, storedFailures);
        if (failures.length !== row.count) throw damaged(where);
        yield failures;
        last = row.batch;
      }
    },
    counts: (job) => withSqliteErrors(() => count.get({ job })!),
  };
}
