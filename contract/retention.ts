import { z } from 'zod';
import { section } from './snapshot.ts';
import { series } from './series.ts';

/** A length of time as administrators write it: years, months, weeks, days and hours, the longest first (`90d`, `1y6m`). */
export const duration = z
  .string()
  .regex(
    /^(?=\d)(?:\d{1,4}y)?(?:\d{1,5}m)?(?:\d{1,5}w)?(?:\d{1,6}d)?(?:\d{1,7}h)?$/,
    'a length of time such as 90d, 12h or 1y6m',
  );

const count = z.int().min(0).max(100_000).default(0);

/**
 * Which snapshots of a realm are kept. Each series is judged for itself (an environment's realm; what archives brought of
 * one; files). Of each period that has any, its newest snapshot is kept: `keepDaily: 7` keeps one of each of the last seven
 * days that have a snapshot; and as many of those that have what newer ones lack.
 */
export const retentionPolicy = z
  .strictObject({
    keepLast: count,
    keepHourly: count,
    keepDaily: count,
    /** Weeks begin on Monday, as ISO 8601 has them. */
    keepWeekly: count,
    keepMonthly: count,
    keepYearly: count,
    /** All that are not older than the newest one by more than this. */
    keepWithin: duration.optional(),
    /** All that have one of these tags. */
    keepTags: z.array(z.string().min(1)).default([]),
    /**
     * How long a job can surely be rolled back: its safety snapshot is kept for so long, that of the last job on a realm
     * for good.
     */
    keepSafety: duration.default('90d'),
    /** Whose days, weeks and months are meant: an IANA name. */
    timeZone: z.string().refine(isTimeZone, 'a time zone such as Europe/Berlin or UTC').default('UTC'),
  })
  .refine(keepsAnything, 'at least one rule that keeps something, such as a number to keep per day');
export type RetentionPolicy = z.output<typeof retentionPolicy>;
export type RetentionPolicyInput = z.input<typeof retentionPolicy>;

function keepsAnything({ keepWithin, keepTags, ...counts }: Record<string, unknown>): boolean {
  const numbers = Object.values(counts).filter((value) => typeof value === 'number');
  return keepWithin !== undefined || (keepTags as unknown[]).length > 0 || numbers.some((n) => n > 0);
}

/** Whether it is the name of a time zone that is known here: an IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Snapshots that are judged; all others stay as they are. */
export const retentionScope = z.strictObject({
  environment: z.string().optional(),
  realm: z.string().optional(),
  tag: z.string().min(1).optional(),
});

export const pruneInput = retentionScope.extend({ policy: retentionPolicy });

/**
 * Why a snapshot stays: `last` to `yearly`, `within` and `tag` are the policy's; `pinned`; `plan`: an open plan is made from
 * it or upon it; `job`: a job that has not ended uses it; `rollback`: a job can be undone with it; `safety` and `recent`: it
 * was taken around a job or a preview; `imported`: an archive brought it; both for some time only; `future`: it is from a time
 * that has not come, so a clock was wrong. Why it goes: `unmatched`: no rule keeps it; `outlived`: it was taken around a job or a
 * preview, long ago.
 */
export const RETENTION_RULES = [
  'pinned',
  'plan',
  'job',
  'rollback',
  'last',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'yearly',
  'within',
  'tag',
  'safety',
  'recent',
  'imported',
  'future',
  'unmatched',
  'outlived',
] as const;

export const retentionReason = z.object({
  rule: z.enum(RETENTION_RULES),
  /** Of which period it is the newest ("2026-11", "2026-W48"), or which tag it has. */
  period: z.string().optional(),
  /** What it has that newer ones lack, or may lack: then it is counted among those alone that have it. */
  having: z.array(section).optional(),
  /** The plan or job that needs it. */
  by: z.string().optional(),
  /** When that is over by itself at the latest; not told where it lasts as long as what needs it. */
  until: z.string().optional(),
});
export type RetentionReason = z.infer<typeof retentionReason>;

const retentionGroup = series.extend({
  kept: z.int(),
  trashed: z.int(),
  /** Newest first. Of a preview all, of a job only those that it moved to the trash: its result is kept for long. */
  snapshots: z.array(
    z.object({
      id: z.string(),
      /** When it was stored here. */
      finishedAt: z.string(),
      /** Of what an archive brought: when it was taken, as the archive tells it. The rules go by that. */
      takenAt: z.string().optional(),
      purpose: z.enum(['backup', 'import', 'target', 'safety', 'verification']),
      /** Those that are not whole are counted apart: they never stand in the place of one that is. */
      complete: z.boolean(),
      tags: z.array(z.string()),
      keep: z.boolean(),
      reasons: z.array(retentionReason).min(1),
    }),
  ),
});

/** What a policy comes to, now. */
export const retentionView = z.object({
  /** The instant that it was judged at. */
  now: z.string(),
  timeZone: z.string(),
  groups: z.array(retentionGroup),
  kept: z.int(),
  /** Go to the trash. */
  trashed: z.int(),
  /** Of what is in the trash already: how many have been there for longer than the grace period, and are deleted. */
  expired: z.int(),
  /** How long snapshots stay in the trash. */
  grace: duration,
});
export type RetentionView = z.infer<typeof retentionView>;

/** What was given back. */
export const freedView = z.object({
  /** Snapshots that were deleted for good. */
  snapshots: z.int(),
  /** Stored runs of records that no snapshot needs any more, and their bytes as stored. */
  chunks: z.int(),
  bytes: z.int(),
  /** Size of the catalog's file before and after, in bytes. */
  fileBefore: z.int(),
  fileAfter: z.int(),
  /** Why some of the space is not free yet, as a sentence; the next prune goes on with it. */
  pending: z.string().optional(),
});
export type FreedView = z.infer<typeof freedView>;

/** What was forgotten besides: plans that nobody applied, and jobs that ended long ago. */
export const forgottenView = z.object({ plans: z.int(), jobs: z.int() });

export const pruneResult = retentionView.extend({ freed: freedView, forgotten: forgottenView });
export type PruneResult = z.infer<typeof pruneResult>;

export const emptyTrashInput = z.strictObject({
  /** Those that have been there for longer; by default for longer than the grace period. */
  olderThan: duration.optional(),
  /** How many will be deleted, typed: needed where the grace period is cut short. */
  confirm: z.int().optional(),
});

export const trashView = z.object({
  grace: duration,
  /** Newest first. */
  snapshots: z.array(
    z.object({
      id: z.string(),
      trashedAt: z.string(),
      /** Whether it is deleted now. */
      goes: z.boolean(),
      /** Why it stays although its time has come. */
      reasons: z.array(retentionReason),
    }),
  ),
  goes: z.int(),
  needsConfirmation: z.boolean(),
});
export type TrashView = z.infer<typeof trashView>;

/** How long the catalog keeps what nobody asked it to keep for good. */
export const keepingSettings = z.strictObject({
  /** Snapshots in the trash. */
  trash: duration.default('14d'),
  /** Plans that were not applied. */
  plans: duration.default('30d'),
  /** Jobs that have ended, with their journals; not those that can still be undone. */
  jobs: duration.default('1y'),
});
export type KeepingSettings = z.output<typeof keepingSettings>;

export const keepingChange = z.strictObject({
  trash: duration.optional(),
  plans: duration.optional(),
  jobs: duration.optional(),
});
