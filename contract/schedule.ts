import { z } from 'zod';
import { ERROR_CODES } from './errors.ts';
import { retentionPolicy } from './retention.ts';
import { section } from './snapshot.ts';

const scheduleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

const alertCommand = z.strictObject({
  /** Run without a shell, with the facts in variables (DRAWBRIDGE_SCHEDULE, DRAWBRIDGE_ERROR_MESSAGE, …). */
  program: z.string().min(1),
  args: z.array(z.string()).default([]),
});

export const scheduleInput = z.strictObject({
  name: scheduleName,
  /** Five fields: minute, hour, day of the month, month, day of the week; or @daily and its like. */
  cron: z.string().min(1).max(200),
  /** Whose clock the expression means: an IANA name. */
  timeZone: z.string(),
  environment: z.string(),
  /** Undefined: every realm that there is when it runs. */
  realms: z.array(z.string()).min(1).optional(),
  sections: z.array(section).min(1).optional(),
  credentials: z.boolean().default(true),
  tags: z.array(z.string()).default([]),
  /** What is kept of these realms after a run that did not fail; undefined: everything. */
  retention: retentionPolicy.optional(),
  onFailure: z
    .strictObject({
      command: alertCommand.optional(),
      /** A secret: whoever knows it may post there. */
      webhookUrl: z.url({ protocol: /^https?$/ }).optional(),
    })
    .default({}),
});
export type ScheduleInput = z.input<typeof scheduleInput>;

/** An expression that is not a schedule yet. */
export const timetableInput = scheduleInput.pick({ cron: true, timeZone: true });

export const timetableView = z.object({
  /** The expression in words. */
  says: z.string(),
  /** Its next five times. */
  next: z.array(z.string()),
});

/** What is changed of a schedule; the rest stays. */
export const scheduleUpdate = z.strictObject({
  name: z.string(),
  /** What it is called from now on. Its runs stay with it. */
  newName: scheduleName.optional(),
  cron: scheduleInput.shape.cron.optional(),
  timeZone: z.string().optional(),
  environment: z.string().optional(),
  /** Null: every realm that there is when it runs. */
  realms: z.array(z.string()).min(1).nullable().optional(),
  /** Null: all of them. */
  sections: z.array(section).min(1).nullable().optional(),
  credentials: z.boolean().optional(),
  /** In place of those that it had. */
  tags: z.array(z.string()).optional(),
  /** In place of what it had; null: everything is kept. */
  retention: retentionPolicy.nullable().optional(),
  /** Null: nothing is run. */
  command: alertCommand.nullable().optional(),
  /** Null: nothing is posted. */
  webhookUrl: scheduleInput.shape.onFailure.unwrap().shape.webhookUrl.unwrap().nullable().optional(),
});

export type ScheduleUpdate = z.input<typeof scheduleUpdate>;

/** As many missed times as are counted; one more stands for any number beyond. */
export const MOST_MISSED = 9_999;

export const RUN_STATES = [
  'running',
  'succeeded',
  /** Succeeded, and nothing new had to be stored. */
  'unchanged',
  'succeeded_with_errors',
  'failed',
  'canceled',
  /** Its process ended without a word. */
  'interrupted',
] as const;

export const scheduleRun = z.object({
  /** Of this schedule: 1, 2, 3, … */
  number: z.number().int(),
  /** When it was to run; undefined where somebody asked for it. */
  due: z.string().optional(),
  /** How many earlier times had been missed and are caught up by this one run; beyond `MOST_MISSED` one more. */
  missed: z.number().int(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  state: z.enum(RUN_STATES),
  /** Those that were started so far, in order. */
  jobs: z.array(z.string()),
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).optional(),
  /** What became of telling about it, a sentence each. */
  alerts: z.array(z.string()),
  /** Somebody has seen that it failed. */
  acknowledged: z.boolean(),
});
export type ScheduleRun = z.infer<typeof scheduleRun>;

export const scheduleView = z.object({
  name: z.string(),
  cron: z.string(),
  /** The expression in words. */
  says: z.string(),
  timeZone: z.string(),
  environment: z.string(),
  realms: z.array(z.string()).optional(),
  sections: z.array(section).optional(),
  credentials: z.boolean(),
  tags: z.array(z.string()),
  retention: retentionPolicy.optional(),
  onFailure: z.object({ command: alertCommand.optional(), webhook: z.boolean() }),
  paused: z.boolean(),
  createdAt: z.string(),
  /** None while it is paused. */
  next: z.string().optional(),
  /** Times that have passed without a run: the next run catches up with all of them. */
  missed: z.object({ count: z.number().int(), latest: z.string() }).optional(),
  /** The newest first, at most twenty. */
  runs: z.array(scheduleRun),
});
export type ScheduleView = z.infer<typeof scheduleView>;

export const failedRun = z.object({ schedule: z.string(), run: scheduleRun });
export type FailedRun = z.infer<typeof failedRun>;

export const upcomingInput = z.strictObject({
  from: z.iso.datetime().optional(),
  /** Exclusive; by default a week after `from`. */
  to: z.iso.datetime().optional(),
  limit: z.number().int().min(1).max(10_000).default(100),
});

/** One time in the calendar. `missed`: it has passed without a run. */
export const upcomingRun = z.object({
  schedule: z.string(),
  at: z.string(),
  state: z.enum(['next', 'missed']),
});

export const runSchedulesInput = z.discriminatedUnion('what', [
  /** Those whose time has come, once. */
  z.strictObject({ what: z.literal('due') }),
  /** This one, now, whatever its time. */
  z.strictObject({ what: z.literal('one'), name: z.string() }),
  /** Those whose time comes, until the caller goes away. */
  z.strictObject({ what: z.literal('all') }),
]);

export const scheduleEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begun'), schedule: z.string(), run: scheduleRun }),
  z.object({ kind: z.literal('ended'), schedule: z.string(), run: scheduleRun }),
  /** Nothing is due; the next time, if any schedule has one. */
  z.object({ kind: z.literal('waiting'), until: z.string().optional() }),
]);
export type ScheduleEvent = z.infer<typeof scheduleEvent>;
