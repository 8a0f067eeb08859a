import { z } from 'zod';
import type { FoundAgain } from '../../../contract/found-again.ts';
import { errorView, JOB_STATES, jobProgress, writtenView, type JobProgress } from '../../../contract/job.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';

export const jobState = z.enum(JOB_STATES);
export type JobState = z.infer<typeof jobState>;

/** How a job can end. */
export type FinalState = 'succeeded' | 'succeeded_with_errors' | 'failed' | 'canceled';

/** What a job applies, stored once the target was captured, just before anything can be written. */
const applying = z.object({
  plan: z.string(),
  environment: z.string(),
  realm: z.string(),
  /** The target as it was; null when there was nothing. */
  safetySnapshot: z.string().nullable(),
  /** What it writes to, by `Connector.identities`. */
  identities: z.array(z.string()).optional(),
  /** The addresses of the Admin API that it writes over, where there is no identity. */
  addresses: z.array(z.string()).optional(),
});

/** A record that stands on the target under a key which the server gave it. */
const issuedKey = z.object({
  section: z.enum(SECTIONS),
  /** The source's. */
  key: z.string(),
  /** The server's. */
  issued: z.string(),
  /** Until somebody has asked for it. */
  secret: z.string().optional(),
});
export type JobIssuedKey = z.infer<typeof issuedKey>;

/** What is sealed of a job apart from its params, result and error. */
export const jobHead = z.object({
  kind: z.string(),
  title: z.string(),
  state: jobState,
  /** What it is to write to, where that is known when it is created. */
  target: z.object({ environment: z.string(), realm: z.string() }).optional(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
  /** How often it was taken up: more than 1 after a resume. */
  attempts: z.int(),
  /** Somebody, perhaps another process, asked that it stop at the next batch. */
  cancelRequested: z.boolean(),
  progress: jobProgress.optional(),
  counts: z.object({
    steps: z.int(),
    /** Steps whose outcome nobody knows. */
    unsettled: z.int(),
    failures: z.int(),
  }),
  applying: applying.optional(),
  /** What was found out of what it left behind in the databases; it can be noted after the job has ended. */
  written: writtenView.optional(),
  /** The job that undid it. */
  undoneBy: z.string().optional(),
  issued: z.array(issuedKey).optional(),
});
export type JobHead = z.infer<typeof jobHead>;
export type JournalCounts = JobHead['counts'];

/** What is learned of a job on the way, or after it. */
export type JobNotes = Pick<Partial<JobHead>, 'applying' | 'written' | 'undoneBy'>;

export const jobError = errorView;
export type JobError = z.infer<typeof jobError>;

/** A job as the catalog holds it. `params` are what it was started with: never a secret. */
export interface Job extends Omit<JobHead, 'issued'> {
  readonly id: string;
  /** Without their secrets. */
  readonly issued?: readonly Omit<JobIssuedKey, 'secret'>[];
  /** How many secrets of these are kept, to be shown once. */
  readonly secretsKept?: number;
  readonly params: JsonObject;
  readonly result?: JsonObject;
  readonly error?: JobError;
  /** The catalog does not hold it so: there was no room. */
  readonly unrecorded?: true;
}

export interface NewJob {
  readonly kind: string;
  /** One line for people ("Back up acme from production"). */
  readonly title: string;
  readonly target?: JobHead['target'];
  readonly params: JsonObject;
}

/** What a step leaves behind besides its outcome, kept in the same transaction: whoever knows the one knows the other. */
export interface StepYield {
  readonly failures?: readonly JobItemFailure[];
  /** What the server gave of its own; secrets until somebody has asked for them. */
  readonly issued?: readonly JobIssuedKey[];
  /** How far the job is. */
  readonly progress?: JobProgress | undefined;
}

/** One journalled step. An outcome of `null`: begun, and nobody knows how it ended. */
export interface JournalStep {
  /** 1, 2, 3, … without gaps. */
  readonly seq: number;
  readonly label: string;
  readonly intent: JsonObject;
  readonly intentAt: string;
  readonly outcome: 'done' | 'failed' | null;
  readonly result: JsonObject | null;
  readonly outcomeAt: string | null;
}

/** An item that a job could not carry out, and why. */
export interface JobItemFailure {
  readonly section: Section;
  readonly key: string;
  readonly reason: string;
  /** What stood there when the target was read again. */
  readonly found?: FoundAgain | undefined;
}

/** By "section/key". */
export type FoundFailures = ReadonlyMap<string, FoundAgain>;
