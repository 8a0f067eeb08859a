import { z } from 'zod';
import { ERROR_CODES } from './errors.ts';
import { comparisonView } from './comparison.ts';
import { foundAgain } from './found-again.ts';
import { planView, policyInput } from './plan.ts';
import { emptyTrashInput, freedView, pruneInput, pruneResult } from './retention.ts';
import { section, snapshotView, verifyView } from './snapshot.ts';

export const JOB_STATES = [
  'queued',
  'running',
  'canceling',
  'canceled',
  'succeeded',
  'succeeded_with_errors',
  'failed',
  'interrupted',
] as const;

/**
 * Whether `${NAME}` in a file's texts stands for an environment variable of the process that the engine runs in. Their
 * values are no part of the input, and are kept nowhere but in what the file becomes.
 */
const variables = z.boolean();

/** An environment variable that a file's texts name; `default`: the file's own text stood in for it. */
const usedVariable = z.object({ name: z.string(), default: z.boolean() });

/**
 * A source: a snapshot id (or unique prefix), `latest:<environment>/<realm>`, `<environment>/<realm>` (read live) or a
 * file's path. A path needs a slash or a dot in front, or an ending, where it could be taken for one of the others.
 */
export const source = z.string().min(1);

export const jobInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('backup'),
    environment: z.string(),
    /** Undefined: every realm. */
    realms: z.array(z.string()).min(1).optional(),
    sections: z.array(section).min(1).optional(),
    /**
     * False: no password hash and no hash of a client's secret is read. Such a snapshot is not whole: it is never taken
     * for `latest:`.
     */
    credentials: z.boolean().default(true),
    tags: z.array(z.string()).default([]),
    note: z.string().optional(),
  }),
  /** An export document, or an archive, which may hold several snapshots. */
  z.strictObject({
    kind: z.literal('import-file'),
    path: z.string(),
    tags: z.array(z.string()).default([]),
    variables: variables.default(false),
    /** What an encrypted archive is opened with. Never kept with the job. */
    keys: z
      .strictObject({ passphrase: z.string().optional(), identities: z.array(z.string()).optional() })
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('export-file'),
    snapshot: z.string(),
    path: z.string(),
    format: z.enum(['opengate', 'users', 'roles', 'clients']),
    /** Write plain secrets and hashes that the snapshot holds into the file. */
    includeSecrets: z.boolean().default(false),
    /** Replace a file that is there. */
    replace: z.boolean().default(false),
  }),
  /** Snapshots as one file that opens without Drawbridge: docs/archive-format.md. */
  z.strictObject({
    kind: z.literal('export-archive'),
    snapshots: z.array(z.string()).min(1).max(1000),
    path: z.string(),
    /** False: no password hash, no hash of a client's secret, and no other secret is written. */
    credentials: z.boolean().default(true),
    replace: z.boolean().default(false),
    /** For whom it is encrypted (recipients of age), or under which passphrase; 'none' on purpose only. Never kept with the job. */
    keys: z.union([
      z.strictObject({ recipients: z.array(z.string()).min(1) }),
      z.strictObject({ passphrase: z.string().min(1) }),
      z.literal('none'),
    ]),
  }),
  /** A copy in which everybody is somebody else, as another snapshot. */
  z.strictObject({
    kind: z.literal('pseudonymize'),
    source,
    variables: variables.default(false),
    keepDomains: z.boolean().default(false),
    tags: z.array(z.string()).default([]),
    /** Never kept with the job. */
    keys: z
      .strictObject({
        /** Instead of the catalog's own, so that the copies of several catalogs agree. */
        key: z.string().min(1).optional(),
        /** What everybody logs in with who had a password. */
        password: z.string().min(1).optional(),
        /** The secret of every client that had one. */
        clientSecret: z.string().min(1).optional(),
      })
      .optional(),
  }),
  z.strictObject({ kind: z.literal('verify'), snapshot: z.string().optional() }),
  /** Copies the whole catalog into a file: `path`, or one in that folder. */
  z.strictObject({ kind: z.literal('catalog-backup'), path: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('diff'),
    left: source,
    right: source,
    sections: z.array(section).min(1).optional(),
    /** In files. */
    variables: variables.default(false),
    /**
     * Compare only what the left side declares: members that its records have, as far down as they go, of records that it
     * has. With `extra`, records of its sections that only the right side has count as well.
     */
    declaredOnly: z.strictObject({ extra: z.boolean().default(false) }).optional(),
    limit: z.number().int().min(0).max(10_000).default(100),
  }),
  z.strictObject({
    kind: z.literal('plan'),
    source,
    environment: z.string(),
    policy: policyInput,
    /** In a file. */
    variables: variables.default(false),
  }),
  z.strictObject({
    kind: z.literal('apply'),
    plan: z.string(),
    /** The target realm's name, typed: needed when the plan is destructive. */
    confirm: z.string().optional(),
    /** The environment's name, typed: needed as well when the plan is destructive and the environment is production. */
    confirmEnvironment: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('seed'),
    path: z.string(),
    environment: z.string(),
    variables: variables.default(true),
    /** `merge`: the realm's settings, users and clients, as far as the route can write them; `fail`: REALM_EXISTS. */
    ifExists: z.enum(['skip', 'merge', 'fail']).default('skip'),
    /** How long the environment may take until it answers. Not given: it is expected to. */
    waitSeconds: z.number().int().min(0).max(86_400).optional(),
    /** As in a plan's policy: what a new realm can need where the route cannot write everything. A merge always skips. */
    unsupported: policyInput.shape.unsupported,
    issuedClients: policyInput.shape.issuedClients,
  }),
  /**
   * A plan that brings a realm back to what it was before this job wrote to it, to be previewed, confirmed and applied
   * as any other; where the job created the realm, it removes it. For an apply or seed in any final state, and for a
   * rollback itself.
   */
  z.strictObject({ kind: z.literal('rollback-plan'), job: z.string() }),
  /**
   * Moves what a policy lets go to the trash, deletes what has been there for longer than the grace period, forgets old
   * plans and jobs, and gives back the space.
   */
  pruneInput.extend({ kind: z.literal('prune') }),
  /** Deletes what is in the trash for good, and gives back the space. */
  emptyTrashInput.extend({ kind: z.literal('empty-trash') }),
  /** A plan of the records that failed in an apply or a seed, to be previewed, confirmed and applied as any other. */
  z.strictObject({ kind: z.literal('retry-plan'), job: z.string() }),
]);
export type JobInput = z.input<typeof jobInput>;

export const itemFailure = z.object({
  section,
  key: z.string(),
  reason: z.string(),
  /** Of an apply that was verified; missing where the channel to the target could not tell. */
  found: foundAgain.optional(),
});
export type ItemFailure = z.infer<typeof itemFailure>;

/** What was done in one section. A record that failed is counted as that and as nothing else. */
export const sectionOutcome = z.object({
  create: z.number().int(),
  update: z.number().int(),
  delete: z.number().int(),
  skip: z.number().int(),
  unchanged: z.number().int(),
  failed: z.number().int(),
});
export type SectionOutcome = z.infer<typeof sectionOutcome>;

export const applyResult = z.object({
  /** `exists`: seeding found the realm there and left it alone. `nothing-to-do`: the target was already as promised, but for what was left out. */
  status: z.enum(['succeeded', 'succeeded_with_errors', 'exists', 'nothing-to-do']),
  environment: z.string(),
  realm: z.string(),
  plan: z.string().optional(),
  /** True only when the target was captured again and every promise held. */
  verified: z.boolean(),
  /** What was done, over all sections: not what was planned, where records failed. */
  counts: sectionOutcome.extend({
    /** Calls repeated after a failure, in writing and in reading the target before and after. */
    retries: z.number().int(),
  }),
  /** The same by section, of those that the plan has. Undefined: an earlier Drawbridge wrote this. */
  sections: z.partialRecord(section, sectionOutcome).optional(),
  /** How many items failed; all of them are in the report. */
  failures: z.number().int(),
  /** Where the target, captured again, is not what was promised; the first hundred. */
  deviations: z.array(z.object({ section, key: z.string(), kind: z.string(), members: z.array(z.string()) })),
  deviationCount: z.number().int(),
  /** The target as it was before; none when there was no realm. */
  safetySnapshot: z.string().nullable(),
  verificationSnapshot: z.string().nullable(),
  /** The job that this one undid: its plan was made by `rollback-plan`. */
  undid: z.string().optional(),
  /** What a person must do now, as sentences. */
  todo: z.array(z.string()),
  /** Of a seeding: records of its file that are not there, since the channel to the environment cannot write them. */
  leftOut: z
    .object({
      count: z.number().int(),
      /** How many of them the seeding was told to leave out. */
      asked: z.number().int(),
      sections: z.partialRecord(section, z.number().int()),
      /** The first few of each section; the report has all. */
      first: z.array(z.object({ section, key: z.string() })),
    })
    .optional(),
  /** Of a seeding: the variables that its file names. */
  variables: z.array(usedVariable).optional(),
});
export type ApplyResult = z.infer<typeof applyResult>;

export const jobResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('backup'), snapshots: z.array(snapshotView) }),
  z.object({
    kind: z.literal('import-file'),
    /** The first of those that were stored, else the first that was there already. */
    snapshot: snapshotView,
    /** All that were stored: more than one only of an archive, none when it has nothing new. */
    snapshots: z.array(snapshotView),
    /** Of an archive: what it has that is in the catalog already, and was not stored again. */
    alreadyThere: z.array(z.object({ archived: z.string(), snapshot: z.string(), trashed: z.boolean() })),
  }),
  z.object({
    kind: z.literal('export-archive'),
    path: z.string(),
    bytes: z.number().int(),
    snapshots: z.array(z.string()),
    encrypted: z.boolean(),
    notes: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('export-file'),
    path: z.string(),
    bytes: z.number().int(),
    notes: z.array(z.string()),
  }),
  z.object({ kind: z.literal('pseudonymize'), snapshot: snapshotView }),
  z.object({ kind: z.literal('verify'), report: verifyView }),
  z.object({
    kind: z.literal('catalog-backup'),
    /** The file, absolute. */
    path: z.string(),
    bytes: z.number().int(),
    /** What was proved of the copy. */
    snapshots: z.number().int(),
    chunks: z.number().int(),
  }),
  z.object({ kind: z.literal('diff'), comparison: comparisonView }),
  z.object({ kind: z.literal('plan'), plan: planView }),
  z.object({ kind: z.literal('apply'), result: applyResult }),
  z.object({ kind: z.literal('seed'), result: applyResult }),
  z.object({
    kind: z.literal('rollback-plan'),
    plan: planView,
    /** The job to be undone, and the snapshot of the target before it; null where there was no realm. */
    job: z.string(),
    safetySnapshot: z.string().nullable(),
  }),
  z.object({ kind: z.literal('prune'), pruned: pruneResult }),
  z.object({ kind: z.literal('empty-trash'), freed: freedView }),
  /** The job of which it tries again what failed. */
  z.object({ kind: z.literal('retry-plan'), plan: planView, job: z.string() }),
]);
export type JobResult = z.infer<typeof jobResult>;

export const errorView = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  notChanged: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type ErrorView = z.infer<typeof errorView>;

/** Counters of what a job is doing now, or was when it was last heard of; `of` is absent while the total is not known. */
export const jobProgress = z.object({
  phase: z.string(),
  done: z.number().int(),
  of: z.number().int().optional(),
  unit: z.enum(['records', 'users', 'bytes', 'chunks', 'pages', 'snapshots', 'realms', 'items']),
  /** Units a second, over the last seconds. */
  rate: z.number().optional(),
  /** Seconds until this phase is over, by that rate; absent while the total or the rate is not known. */
  left: z.number().int().optional(),
  /** Seconds for which nothing has moved yet, since it waits for what `phase` says; then the counters say nothing. */
  waited: z.number().int().optional(),
  /** Where a job writes: how many records of each section are done. */
  sections: z.partialRecord(section, z.number().int()).optional(),
});
export type JobProgress = z.infer<typeof jobProgress>;

/** What a job that writes to several databases left behind, found out by asking each what became of its commit. */
export const writtenView = z.object({
  /** `part`: half written; nothing else is applied to this realm until it is rolled back. `unknown`: not known yet. */
  state: z.enum(['nothing', 'everything', 'part', 'unknown']),
  environment: z.string(),
  realm: z.string(),
  databases: z.array(
    z.object({
      /** Fit to be shown: "opengate_user". */
      place: z.string(),
      services: z.array(z.string()),
      outcome: z.enum(['committed', 'aborted', 'unknown']),
    }),
  ),
  /** A sentence. */
  text: z.string(),
});
export type WrittenView = z.infer<typeof writtenView>;

export const jobView = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(JOB_STATES),
  title: z.string(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  /** What it is to write to, as far as that is known before its end. */
  target: z.object({ environment: z.string(), realm: z.string() }).optional(),
  /** How often it was taken up: more than 1 once it was resumed. */
  attempts: z.number().int(),
  /** Whether `jobs.resume` can go on with it where it stopped, as far as the catalog tells. */
  resumable: z.boolean(),
  progress: jobProgress.optional(),
  result: jobResult.optional(),
  error: errorView.optional(),
  /** The target as it was before this job wrote, known as soon as it is taken: also of a job that was broken off. */
  safetySnapshot: z.string().optional(),
  /** It had come to where it writes: what it changed can be undone, also where there was no realm to take a snapshot of. */
  begun: z.boolean().optional(),
  /** Of a job that did not end well, or whose end is not known, over a route that commits. */
  written: writtenView.optional(),
  /** The job whose rollback of this one succeeded. */
  undoneBy: z.string().optional(),
  /** Records that stand on the target under a key which the server gave them: `issued` for the source's `key`. */
  issued: z.array(z.object({ section, key: z.string(), issued: z.string() })).optional(),
  /** How many new secrets of these are kept, to be shown by `jobs.secrets` until `jobs.forgetSecrets`. */
  secretsKept: z.number().int().optional(),
  /** Nobody can look at it, or at how it ended, later: the catalog's disk was too full to keep it. */
  unrecorded: z.literal(true).optional(),
});
export type JobView = z.infer<typeof jobView>;

/** New secrets that the server issued in a job, told once. */
export const jobSecrets = z.object({
  job: z.string(),
  secrets: z.array(z.object({ section, key: z.string(), issued: z.string(), secret: z.string() })),
});
export type JobSecrets = z.infer<typeof jobSecrets>;

export const jobStep = z.object({
  seq: z.number().int(),
  label: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  outcome: z.enum(['done', 'failed', 'unknown']),
});

export type JobStep = z.infer<typeof jobStep>;

/**
 * Everything that is known of a job. Of the steps and the failures the first thousand; `jobs.steps` and `jobs.failures`
 * stream all of them, and `jobs.items` what became of each record of its plan.
 */
export const jobReport = z.object({
  job: jobView,
  /** What it was started with, but for the kind. */
  asked: z.record(z.string(), z.unknown()),
  plan: planView.optional(),
  steps: z.array(jobStep),
  stepCount: z.number().int(),
  failures: z.array(itemFailure),
  failureCount: z.number().int(),
});
export type JobReport = z.infer<typeof jobReport>;
