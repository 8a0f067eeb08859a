import { AppError } from '../../contract/errors.ts';
import type { ErrorView, JobReport, JobView } from '../../contract/job.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { shortcoming } from './apply.ts';
import { notAllOfIt } from './backup.ts';

export interface JobEnding {
  /** Why it did not end well, as the command told that ran it. */
  readonly error?: ErrorView;
  /** The exit code of that command; undefined: it has not ended, or a signal may have decided it. */
  readonly exitCode?: ExitCode;
}

/** How a job ended, for whoever asks later. */
export function endingOf(io: Io, report: JobReport): JobEnding {
  const { job } = report;
  if (job.finishedAt === undefined || job.state === 'interrupted') return {};
  const error = job.error ?? errorOf(io, report);
  if (job.state === 'canceled') return { ...(error && { error }) };
  if (error) return { error, exitCode: exitCodeOf(error.code) };
  return { exitCode: differs(job) ? EXIT.different : EXIT.done };
}

function errorOf(io: Io, report: JobReport): AppError | undefined {
  const { id, result, state } = report.job;
  if (result?.kind === 'apply' || result?.kind === 'seed') return shortcoming(io, id, result.result);
  if (state !== 'succeeded_with_errors') return undefined;
  if (result?.kind === 'backup') return notAllOfIt(io, report);
  return new AppError('ITEM_FAILURES', 'Not everything that it was to do could be done.');
}

function differs({ result }: JobView): boolean {
  return result?.kind === 'diff' && !result.comparison.equal;
}
