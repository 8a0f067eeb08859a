import type { Writable } from 'node:stream';
import { throwIfAborted } from '../../contract/errors.ts';
import { jobInput, type JobInput, type JobView } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { z } from 'zod';
import type { JsonObject } from '../model/record.ts';
import type { PlanRequest } from '../jobs/make-plan.ts';
import type { VariableLookup } from '../formats/document-variables.ts';
import type { NameOfFile } from './file-reading.ts';
import type { JobDesk } from './job-desk.ts';
import { jobWork } from './job-work.ts';

export interface JobHost {
  readonly catalog: Catalog;
  readonly desk: JobDesk;
  /** What `${…}` in a file stands for. */
  readonly variables: VariableLookup;
  readonly nameOfFile: NameOfFile;
  /** Where a job writes whose file is called `-`; undefined: into a file of that name. */
  readonly standardOutput?: Writable | undefined;
  /** Keeps the items of a plan for whoever looks at it. */
  readonly record?: PlanRequest['record'];
}

/** Starts a job, and returns at once. @throws AppError what is wrong before anything is started */
export function startAsJob(host: JobHost, input: z.output<typeof jobInput>): JobView {
  const { catalog, desk } = host;
  const { title, target, work } = jobWork(catalog, input, host);
  const spec = { kind: input.kind, title, ...(target && { target }), params: keptParams(input) };
  return input.kind === 'verify' ? desk.startEvenUnrecorded(spec, work) : desk.start(spec, work);
}

/** What is kept of how a job was asked for: all but the secrets that it was given. */
function keptParams(input: object): JsonObject {
  const { keys: _, ...kept } = JSON.parse(JSON.stringify(input)) as JsonObject;
  return kept;
}

/**
 * Starts a job and waits for its end; the signal cancels it, and its end is waited for all the same.
 *
 * @param started is told its id as soon as it has one
 */
export async function runToTheEnd(
  host: JobHost,
  input: JobInput,
  signal: AbortSignal,
  started: (job: string) => void,
): Promise<JobView> {
  throwIfAborted(signal);
  const { desk } = host;
  let view = startAsJob(host, jobInput.parse(input));
  started(view.id);
  const cancel = () => void desk.stop(view.id);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for await (const latest of desk.watch(view.id, undefined)) view = latest;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return view;
}
