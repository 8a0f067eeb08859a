import { AppError } from '../../contract/errors.ts';
import type { ErrorView, JobInput, JobResult, JobView } from '../../contract/job.ts';
import type { Io } from '../io.ts';
import { resumeCommand } from '../render/undo.ts';
import { progressDisplay } from '../terminal/progress.ts';
import type { EngineClient } from './engine-client.ts';
import { whatWasDone } from './what-was-done.ts';

export interface FinishedJob<K extends JobInput['kind'] = JobInput['kind']> {
  readonly id: string;
  readonly result: Extract<JobResult, { kind: K }>;
  /** Set when the job counts as failed although it has a result to show (a verification that found deviations). */
  readonly error: AppError | undefined;
  /** It ran to its end, but some of what it was to do failed: its report has what, and why. */
  readonly withErrors: boolean;
  /** How many new secrets the job keeps until somebody asks for them. */
  readonly secretsKept: number;
}

/**
 * Starts a job, shows its progress, and waits for its end. An interruption cancels the job and waits until the engine has
 * written down how far it came.
 *
 * @throws AppError the job's own, when it has no result; CANCELED, saying what was done and what was not
 */
export async function runJob<I extends JobInput>(
  io: Io,
  client: EngineClient,
  input: I,
): Promise<FinishedJob<I['kind']>> {
  return await followJob<I['kind']>(io, client, async () => await client.jobs.start(input));
}

/** As `runJob`, for a job that is begun by whatever way. @throws AppError as `runJob` */
export async function followJob<K extends JobInput['kind']>(
  io: Io,
  client: EngineClient,
  begin: () => Promise<JobView>,
): Promise<FinishedJob<K>> {
  const ended = await watchToTheEnd(io, client, await begin());
  const error = ended.error && asError(ended.error);
  if (ended.state === 'canceled' && !ended.unrecorded) throw await canceled(io, client, ended, error);
  if (ended.result && ended.unrecorded)
    io.warn(
      'The disk of the catalog is full: this job is not kept among its jobs. What it found is told here only.',
    );
  if (ended.result)
    return {
      id: ended.id,
      result: ended.result as FinishedJob<K>['result'],
      error,
      withErrors: ended.state === 'succeeded_with_errors',
      secretsKept: ended.secretsKept ?? 0,
    };
  throw error ? ofJob(io, error, ended) : endedWithout(io, ended);
}

/** Waits for the end of a job that was asked to stop; an interruption ends the waiting. @returns as it is then */
export async function toItsEnd(io: Io, client: EngineClient, job: JobView): Promise<JobView> {
  let latest = job;
  for await (const view of await client.jobs.watch({ job: job.id }, { signal: io.interruption.signal }))
    latest = view;
  return latest;
}

async function watchToTheEnd(io: Io, client: EngineClient, started: JobView): Promise<JobView> {
  const { signal } = io.interruption;
  const display = progressDisplay(io);
  let canceling: Promise<unknown> | undefined;
  const cancel = (): void => {
    canceling ??= client.jobs.cancel({ job: started.id });
    // Awaited below; a rejection before that must not count as unhandled.
    canceling.catch(() => {});
  };
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let latest = started;
  try {
    for await (const view of await client.jobs.watch({ job: started.id })) {
      latest = view;
      if (view.progress && view.finishedAt === undefined) display.show(view.progress);
    }
    await canceling;
  } finally {
    signal.removeEventListener('abort', cancel);
    display.end();
  }
  return latest;
}

async function canceled(
  io: Io,
  client: EngineClient,
  job: JobView,
  error: AppError | undefined,
): Promise<AppError> {
  const done = await whatWasDone(await client.jobs.steps({ job: job.id }));
  return new AppError('CANCELED', `${error?.message ?? 'Canceled.'} ${done}`, {
    notChanged: error?.notChanged || 'Everything after that was not begun.',
    remedy: withWayOn(
      io,
      error?.remedy || (io.keepsJobs ? `See how far it came with: ${io.self} job report ${job.id}` : ''),
      job,
    ),
    details: { ...error?.details, ...resumeFacts(io, job) },
  });
}

function endedWithout(io: Io, job: JobView): AppError {
  return new AppError('INTERNAL', `The job ended as “${job.state}” with neither a result nor an error.`, {
    remedy: io.keepsJobs ? `See what it did with: ${io.self} job report ${job.id}` : '',
    details: { job: job.id },
  });
}

/** With the job's id among the facts: its report is where to look next. */
function ofJob(io: Io, error: AppError, job: JobView): AppError {
  const { code, message, notChanged, details } = error;
  return new AppError(code, message, {
    notChanged,
    remedy: withWayOn(io, error.remedy, job),
    details: { ...details, ...resumeFacts(io, job) },
    cause: error,
  });
}

/** What a job that was broken off can be gone on with is said, unless it is. */
function withWayOn(io: Io, remedy: string, job: JobView): string {
  if (!io.keepsJobs || !job.resumable || remedy.includes('job resume')) return remedy;
  return `${remedy}\nTo go on where it stopped: ${resumeCommand(io, job.id)}`.trim();
}

function resumeFacts(io: Io, { id, resumable }: JobView): Record<string, unknown> {
  return { job: id, ...(resumable && io.keepsJobs && { resume: resumeCommand(io, id) }) };
}

function asError({ code, message, notChanged, remedy, details }: ErrorView): AppError {
  return new AppError(code, message, { notChanged, remedy, details });
}
