import type { z } from 'zod';
import type { jobInput, JobInput } from '../../contract/job.ts';
import type { JobEnd, JournalledContext } from '../jobs/runner.ts';

/** What a job does, and what it is called. */
export interface JobWork {
  /** One line for people. */
  readonly title: string;
  /** The realm that it writes to, where that is known before it begins. */
  readonly target?: { readonly environment: string; readonly realm: string };
  readonly work: (job: JournalledContext) => Promise<JobEnd>;
}

/** What is asked of a job of this kind. */
export type Input<K extends JobInput['kind']> = Extract<z.output<typeof jobInput>, { kind: K }>;
