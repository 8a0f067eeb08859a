import { AppError, isAppError } from '../../contract/errors.ts';
import type { JobInput } from '../../contract/job.ts';
import type { Io } from '../io.ts';
import { undoCommand } from '../render/undo.ts';
import type { EngineClient } from './engine-client.ts';
import { runJob, type FinishedJob } from './run-job.ts';

type ApplyInput = Extract<JobInput, { kind: 'apply' | 'seed' }>;

/**
 * Runs a job that writes to an environment. Where it fails after having written, the error's last words are how to undo
 * that.
 *
 * @throws AppError as `runJob`
 */
export async function runApply<I extends ApplyInput>(
  io: Io,
  client: EngineClient,
  input: I,
): Promise<FinishedJob<I['kind']>> {
  return await withUndoOf(io, client, async () => await runJob(io, client, input));
}

/** Adds to the error of a job that has written how to undo that. @throws what `work` throws */
export async function withUndoOf<T>(io: Io, client: EngineClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error)) throw error;
    const undo = await undoOf(io, client, error.details['job']);
    throw undo === undefined ? error : withWayBack(error, undo);
  }
}

/** The same error, saying how to undo what was written, unless it does. */
export function withWayBack(error: AppError, undo: string): AppError {
  const details = { ...error.details, undo };
  const told = error.remedy.includes('rollback');
  const remedy = told ? error.remedy : [error.remedy, `To undo what was written: ${undo}`].join('\n').trim();
  const { code, message, notChanged } = error;
  return new AppError(code, message, { notChanged, remedy, details, cause: error });
}

async function undoOf(io: Io, client: EngineClient, job: unknown): Promise<string | undefined> {
  if (typeof job !== 'string' || !io.keepsJobs) return undefined;
  const report = await client.jobs.report({ job });
  return undoCommand(io, report.job, report.steps);
}
