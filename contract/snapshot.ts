import { z } from 'zod';
import { SECTIONS } from './sections.ts';

export const section = z.enum(SECTIONS);

/** A record's body with every secret replaced by its state. */
export const shownRecord = z.record(z.string(), z.unknown());

export const pseudonymizedView = z.strictObject({
  snapshot: z.string().max(100),
  environment: z.string().max(10_000).optional(),
  keepDomains: z.boolean(),
  passwords: z.enum(['removed', 'replaced']),
  clientSecrets: z.enum(['removed', 'replaced']),
});

const snapshotPurpose = z.enum(['backup', 'import', 'target', 'safety', 'verification']);

export const snapshotView = z.object({
  id: z.string(),
  realm: z.string(),
  environment: z.string().optional(),
  channel: z.enum(['admin-api', 'postgres', 'file']),
  dialect: z.string(),
  serverVersion: z.string().optional(),
  purpose: snapshotPurpose,
  startedAt: z.string(),
  finishedAt: z.string(),
  /**
   * Between which instants the moments lie that were read: of the servers' clocks where the realm lies in several
   * databases, of this computer's where it was read resource by resource.
   */
  window: z.object({ from: z.string(), to: z.string() }).optional(),
  /** Why it is not known to be the whole of what it claims: the source told different things about itself. */
  inconsistent: z.string().optional(),
  /** Calls that were repeated after a failure. */
  retries: z.number().int().optional(),
  /** Of one that came in an archive: what it was in the catalog that wrote it. */
  archived: z
    .object({
      snapshot: z.string(),
      environment: z.string().optional(),
      purpose: snapshotPurpose,
      startedAt: z.string(),
      finishedAt: z.string(),
    })
    .optional(),
  /** Of a copy in which everybody is somebody else: of which snapshot, taken where, and how. It is never a backup. */
  pseudonymized: pseudonymizedView.optional(),
  root: z.string(),
  /** Whether an earlier snapshot of the same realm and environment has the same root; then which one. */
  unchanged: z.boolean(),
  unchangedSince: z.string().optional(),
  complete: z.boolean(),
  counts: z.partialRecord(section, z.number().int()),
  /** Size of the canonical records, in bytes. */
  bytes: z.number().int(),
  missing: z.array(z.object({ section, member: z.string().optional(), reason: z.string() })),
  warnings: z.array(z.string()),
  tags: z.array(z.string()),
  note: z.string().optional(),
  pinned: z.boolean(),
  /** When it was moved to the trash, if it is there. */
  trashedAt: z.string().optional(),
});
export type SnapshotView = z.infer<typeof snapshotView>;

export const snapshotFilter = z.strictObject({
  environment: z.string().optional(),
  realm: z.string().optional(),
  tag: z.string().optional(),
  /** Also the snapshots taken of targets around an apply. */
  all: z.boolean().optional(),
  trash: z.boolean().optional(),
});

export const searchInput = z.strictObject({
  snapshot: z.string(),
  /** Looked for without regard to case in the shown record; a `section:` prefix is not special. */
  text: z.string().min(1),
  sections: z.array(section).optional(),
  limit: z.number().int().min(1).max(1000).default(50),
});

const searchMatches = z.array(z.object({ section, key: z.string(), record: shownRecord }));

export const searchResult = z.object({
  matches: searchMatches,
  /** There are more than `limit`. */
  truncated: z.boolean(),
});

/** As `searchInput`, for answers that come as they are found. */
export const searchStreamInput = searchInput.extend({
  limit: z.number().int().min(1).max(1000).default(200),
});

/** What was found since the batch before, in the order of sections and keys. */
export const searchBatch = searchResult.extend({
  /** Of the first batch alone: records of exactly this name, told before the others are looked at. They come again in their places. */
  named: searchMatches.optional(),
  /** Records looked at so far, and how many there are in the sections that are searched. */
  searched: z.number().int(),
  of: z.number().int(),
  /** It is the last batch. Only then can `truncated` be true. */
  done: z.boolean(),
});

export const recordsInput = z.strictObject({
  snapshot: z.string(),
  section,
  /** How many records to pass over: costs no more for the millionth than for the first. */
  from: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
});

/** In key order. */
export const recordsPage = z.object({
  records: z.array(
    z.object({
      /** Its place in the section, from 0. */
      index: z.number().int(),
      key: z.string(),
      record: shownRecord,
    }),
  ),
  /** Of the section; 0 also where it was not captured. */
  total: z.number().int(),
});

/** Where in the catalog something is damaged. */
export const DAMAGE_PLACES = [
  'snapshots',
  'file',
  'references',
  'keys',
  'environments',
  'plans',
  'jobs',
  'settings',
  'schedules',
  'leases',
  'captures',
  'chunks',
] as const;

export const damageView = z.object({
  /** Empty where it is no snapshot. */
  snapshot: z.string(),
  section: section.optional(),
  /** Not told by jobs that were stored before this was. */
  in: z.enum(DAMAGE_PLACES).optional(),
  /** Which one there, where it is no snapshot and there is one. */
  id: z.string().optional(),
  text: z.string(),
});
export type DamageView = z.infer<typeof damageView>;

export const verifyView = z.object({
  snapshots: z.number().int(),
  chunks: z.number().int(),
  bytes: z.number().int(),
  damaged: z.array(damageView),
});
