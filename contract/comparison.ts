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
