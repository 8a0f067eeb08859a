import { AppError, errorView, isAppError } from '../../contract/errors.ts';
import type { JobProgress, JobResult } from '../../contract/job.ts';
import { asAppError } from '../../contract/wire.ts';
import type { FoundFailures, Job, JobItemFailure, JobNotes, NewJob, StepYield } from '../catalog/jobs/job.ts';
import type { JobRun } from '../catalog/jobs/job-run.ts';
import type { JobStore } from '../catalog/jobs/job-store.ts';
import type { JsonObject } from '../model/record.ts';
import type { JobContext } from './job-context.ts';

/** What a job that changes something gets besides: its journal. */
export interface JournalledContext extends JobContext {
  readonly job: string;
  /** An earlier attempt was broken off: its journal says how far it came. */
  readonly isResumed: boolean;
  /** Before a step is run. @returns its number */
  intent(label: string, intent: JsonObject): number;
  outcome(
    seq: number,
    outcome: 'done' | 'failed',
    result?: JsonObject,
    yielded?: Omit<StepYield, 'progress'>,
  ): void;
  addFailures(failures: readonly JobItemFailure[]): void;
  /** What stands there of those that failed, now that the target was read again. */
  noteFound(found: FoundFailures): void;
  /** What failed is going to be tried again. */
  forgetFailures(): void;
  /** Keeps what is learned on the way, for whoever looks at the job later. */
  note(notes: JobNotes): void;
}

/** How a job that was not interrupted ended. An `error` beside a result: it ran to its end, and the end is bad. */
export interface JobEnd {
  readonly result: JobResult;
  readonly withErrors?: boolean;
  readonly error?: AppError;
}

export interface StartedJob {
  readonly id: string;
  /** The job as stored after its last state; never rejects for what the job met. */
  readonly ended: Promise<Job>;
  cancel(reason: AppError): void;
}

/** Often enough to keep the lease; each one also stores the progress. Milliseconds. */
const HEARTBEAT_EVERY = 1000;
const SHOW_EVERY = 250;

type Work = (context: JournalledContext) => Promise<JobEnd>;

/**
 * Runs a piece of work as a job: stored before it begins, kept alive by heartbeats, canceled from here or from another
 * process, its end stored whatever happens.
 */
export function startJob(
  jobs: JobStore,
  spec: NewJob,
  work: Work,
  onProgress?: (progress: JobProgress) => void,
): StartedJob {
  return carryOut(jobs, jobs.acquire(jobs.create(spec).id), work, onProgress);
}

/**
 * Goes on with a job that was broken off, canceled or failed; as `startJob` otherwise.
 *
 * @throws AppError CATALOG_LOCKED when another process runs it, USAGE when it has succeeded
 */
export function resumeJob(
  jobs: JobStore,
  id: string,
  work: Work,
  onProgress?: (progress: JobProgress) => void,
): StartedJob {
  return carryOut(jobs, jobs.takeUpAgain(id), work, onProgress);
}

function carryOut(
  jobs: JobStore,
  run: JobRun,
  work: Work,
  onProgress: (progress: JobProgress) => void = () => {},
): StartedJob {
  const controller = new AbortController();
  let progress: JobProgress | undefined;
  let shownAt = 0;

  const heartbeat = setInterval(() => {
    try {
      if (run.heartbeat(progress).cancelRequested) controller.abort(canceledByRequest());
    } catch (error) {
      // The lease or the catalog is lost: what runs on could not be journalled.
      controller.abort(asAppError(error));
    }
  }, HEARTBEAT_EVERY);

  const context: JournalledContext = {
    job: run.id,
    isResumed: run.attempts > 1,
    signal: controller.signal,
    progress(latest) {
      progress = latest;
      const now = performance.now();
      if (now - shownAt < SHOW_EVERY) return;
      shownAt = now;
      onProgress(latest);
    },
    intent: (label, intent) => run.intent(label, intent),
    outcome: (seq, outcome, result, yielded) => run.outcome(seq, outcome, result, { ...yielded, progress }),
    addFailures: (failures) => run.addFailures(failures),
    noteFound: (found) => run.noteFound(found),
    forgetFailures: () => run.forgetFailures(),
    note: (notes) => run.note(notes),
  };

  const ended = (async () => {
    try {
      const end = await work(context);
      return store(run, end);
    } catch (error) {
      return storeFailure(jobs, run, controller.signal, error);
    } finally {
      clearInterval(heartbeat);
    }
  })();
  return { id: run.id, ended, cancel: (reason) => controller.abort(reason) };
}

function store(run: JobRun, { result, withErrors, error }: JobEnd): Job {
  const state = error ? 'failed' : withErrors ? 'succeeded_with_errors' : 'succeeded';
  return run.finish(state, {
    result: JSON.parse(JSON.stringify(result)) as JsonObject,
    ...(error && { error: errorView(error) }),
  });
}

function storeFailure(jobs: JobStore, run: JobRun, signal: AbortSignal, thrown: unknown): Job {
  const reason: unknown = signal.reason;
  const lost = isAppError(reason) && reason.code !== 'CANCELED';
  const error = lost ? reason : asAppError(thrown);
  try {
    return run.finish(error.code === 'CANCELED' ? 'canceled' : 'failed', { error: errorView(error) });
  } catch (unstored) {
    // The job's end cannot be stored (lease lost, disk full): it will be found interrupted, and is shown so now.
    return { ...jobs.get(run.id), state: 'interrupted', error: errorView(asAppError(unstored)) };
  }
}

function canceledByRequest(): AppError {
  return new AppError('CANCELED', 'Canceled on request.');
}
