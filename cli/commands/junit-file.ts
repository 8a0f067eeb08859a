import { Option } from 'commander';
import { AppError, isAppError } from '../../contract/errors.ts';
import type { RefusedWork } from '../../contract/report.ts';
import { asAppError, messageOf } from '../../contract/wire.ts';
import type { Kept, OutputFile } from '../../core/engine/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { quoted } from '../render/visible.ts';

export function junitOption(): Option {
  return new Option(
    '--junit <file>',
    'also write what came of it as a JUnit report; replaces an earlier report',
  );
}

interface WantedReport extends Pick<RefusedWork, 'kind' | 'title'> {
  /** Undefined: none is wanted. */
  readonly path: string | undefined;
  /** What it must not be. */
  readonly kept: Kept;
}

/**
 * Runs a command whose job is reported to a file too, as `job report` reports it. Of one that is refused before a job
 * began, the report has the error. The file is opened first: that it cannot be written is known before anything is done.
 *
 * @param body is given a function to be called with the id of the job that came to its end
 * @throws AppError USAGE, FILE_FAILED; what the command throws
 */
export async function withJunit(
  io: Io,
  client: EngineClient,
  { path, kept, kind, title }: WantedReport,
  body: (tell: (job: string) => void) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (path === undefined) return body(() => {});
  const file = await opened(path, kept);
  const startedAt = new Date().toISOString();
  const ofJob = (job: string) => () => client.jobs.reportText({ job, format: 'junit' });
  const ofRefusal = (error: AppError) => async () => {
    const { code, message, notChanged, remedy } = error;
    const told = { code, message, notChanged, remedy, details: {} };
    return [await client.jobs.refusalText({ kind, title, startedAt, error: told })];
  };
  let report: Report | undefined;
  let isWritten = true;
  let exitCode: ExitCode;
  try {
    exitCode = await body((job) => {
      report = ofJob(job);
    });
  } catch (error) {
    const { job } = asAppError(error).details;
    report ??= typeof job === 'string' ? ofJob(job) : ofRefusal(asAppError(error));
    throw error;
  } finally {
    isWritten = await written(io, file, path, report);
  }
  return isWritten || exitCode !== EXIT.done ? exitCode : EXIT.failed;
}

/** Pieces of the report's text. */
type Report = () => Promise<AsyncIterable<string> | Iterable<string>>;

async function opened(path: string, kept: Kept): Promise<OutputFile> {
  const { OutputFile } = await import('../../core/engine/index.ts');
  try {
    return await OutputFile.open({ path, replace: 'a report', kept });
  } catch (error) {
    // What is no matter of the file system says itself what it is.
    if (!isAppError(error, 'FILE_FAILED') || error.details['code'] === undefined) throw error;
    throw new AppError('FILE_FAILED', `The JUnit report cannot be written. ${error.message}`, {
      notChanged: 'Nothing was done.',
      remedy: 'Name a file in a folder that exists and that you may write to.',
      details: { path },
      cause: error,
    });
  }
}

/** A command that was interrupted is reported, too. */
const TO_THE_END = new AbortController().signal;

/** What the command came to is told already, so that a report which fails now (a full disk) is a warning beside it. */
async function written(io: Io, file: OutputFile, path: string, report: Report | undefined): Promise<boolean> {
  try {
    if (report) await file.write(piecesOf(report), TO_THE_END);
    else await file.discard();
    return true;
  } catch (error) {
    io.warn(`The JUnit report ${quoted(path)} could not be written: ${messageOf(error)}.`);
    return false;
  }
}

async function* piecesOf(report: Report): AsyncGenerator<string> {
  yield* await report();
}
