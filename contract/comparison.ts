import { z } from 'zod';
import { section } from './snapshot.ts';

export const memberChange = z.object({
  member: z.string(),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
  unknown: z.enum(['left', 'right']).optional(),
});
export type MemberChangeView = z.infer<typeof memberChange>;

/** Per section; of a section that is `unknown` to one side, every count is 0. */
export const sectionDifference = z.object({
  added: z.number().int(),
  removed: z.number().int(),
  changed: z.number().int(),
  same: z.number().int(),
  unknown: z.boolean(),
});

export const differenceView = z.object({
  section,
  key: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  changes: z.array(memberChange),
});
export type DifferenceView = z.infer<typeof differenceView>;

export const comparisonView = z.object({
  left: z.string(),
  right: z.string(),
  equal: z.boolean(),
  sections: z.partialRecord(section, sectionDifference),
  /** The first differences, at most as many as were asked for. */
  differences: z.array(differenceView),
  truncated: z.boolean(),
  /** Only what the left side declares was compared. */
  declaredOnly: z.literal(true).optional(),
});
export type ComparisonView = z.infer<typeof comparisonView>;

export const DIFFERENCE_KINDS = ['added', 'removed', 'changed'] as const;

/** Of two stored snapshots; live ones are compared by a job of kind `diff`. */
export const differencesInput = z.strictObject({
  left: z.string(),
  right: z.string(),
  /** How many of the differences that fit to pass over. */
  from: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
  sections: z.array(section).optional(),
  kinds: z.array(z.enum(DIFFERENCE_KINDS)).optional(),
  /** In the key, without regard to case. */
  text: z.string().optional(),
  /** Only what the left side declares; with `extra`, records that only the right side has as well. */
  declaredOnly: z.strictObject({ extra: z.boolean().default(false) }).optional(),
});

export const differencesPage = z.object({
  differences: z.array(differenceView),
  /** There are more behind them. */
  truncated: z.boolean(),
  /** How many fit. Missing while the comparison has not come to its end. */
  total: z.number().int().optional(),
});

export const neighboursInput = z.strictObject({ environment: z.string(), realm: z.string() });

/** A backup of a realm beside the one before it. */
export const neighbourView = z.object({
  snapshot: z.string(),
  finishedAt: z.string(),
  /** Size of the canonical records, in bytes. */
  bytes: z.number().int(),
  /** What is stored for it that the backups before it do not need, in bytes; missing where that cannot be read. */
  addedBytes: z.number().int().optional(),
  /**
   * Records of the sections that both have. `null`: there is none before it, it is damaged, or (`pending`) not counted yet:
   * what takes longer than some seconds is gone on with when it is asked for again.
   */
  changes: z
    .object({ added: z.number().int(), removed: z.number().int(), changed: z.number().int() })
    .nullable(),
  pending: z.literal(true).optional(),
});
