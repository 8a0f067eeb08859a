import { z } from 'zod';
import { foundAgain } from './found-again.ts';
import { errorView } from './job.ts';
import { ACTIONS } from './plan.ts';
import { section } from './snapshot.ts';

/** The forms in which a report can be written down; for people at a terminal, a host shows it in its own. */
export const REPORT_FORMATS = ['html', 'json', 'csv', 'junit'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/**
 * What became of a planned record. `done`: written as planned (verified or not is said of the whole); `left`: nothing was
 * to be written; `failed`: it could not be written; `deviates`: written, and not as promised when it was read again (only
 * of the first hundred of these it is known which); `not-written`: the job has not come to it; `unknown`: its step was broken
 * off, or the route does not tell.
 */
export const ITEM_OUTCOMES = ['done', 'left', 'failed', 'deviates', 'not-written', 'unknown'] as const;

export const reportItem = z.object({
  section,
  key: z.string(),
  action: z.enum(ACTIONS),
  outcome: z.enum(ITEM_OUTCOMES),
  /** Why it was planned so; of one that failed, why it did. */
  text: z.string(),
  /** Of one that failed, what stood there afterwards. */
  found: foundAgain.optional(),
  /**
   * What a person should know of it as it stands there now, such as who has no password (`no-password`) and which client got a
   * new secret (`new-client-secret`): what the job's `todo` only counts.
   */
  notes: z.array(z.object({ kind: z.string(), text: z.string() })).optional(),
});
export type ReportItem = z.infer<typeof reportItem>;

export const reportTextInput = z.strictObject({ job: z.string(), format: z.enum(REPORT_FORMATS) });

export const saveReportInput = reportTextInput.extend({
  /** The file; only its owner may read it. */
  path: z.string().min(1),
  /** Replace a file that is there. */
  replace: z.boolean().default(false),
});

/** What was refused before a job of it began. */
export const refusedWork = z.strictObject({
  /** The kind of job that it was to be. */
  kind: z.enum(['seed', 'diff']),
  title: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  error: errorView,
});
export type RefusedWork = z.infer<typeof refusedWork>;

export const savedReport = z.object({ path: z.string(), bytes: z.number().int() });
