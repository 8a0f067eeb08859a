import { open, type FileHandle } from 'node:fs/promises';
import { Option } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { RefusedWork } from '../../contract/report.ts';
import { asAppError, messageOf } from '../../contract/wire.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { quoted } from '../render/visible.ts';

export function junitOption(): Option {
  return new Option('--junit <file>', 'also write what came of it as a JUnit report; replaces the file');
}

interface WantedReport extends Pick<RefusedWork, 'kind' | 'title'> {
  /** Undefined: none is wanted. */
  readonly path: string | undefined;
}

/**
 * Runs a command whose job is reported to a file too, as `job report` reports it. Of one that is refused before a job
 * began, the report has the error. The file is opened first: that it cannot be written is known before anything is done.
 *
 * @param body is given a function to be called with the id of the job that came to its end
 * @throws AppError FILE_FAILED; what the command throws
 */
export async function withJunit(
  io: Io,
  client: EngineClient,
  { path, kind, title }: WantedReport,
  body: (tell: (job: string) => void) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (path === undefined) return body(() => {});
  const file = await opened(path);
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

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (error) {
    throw new AppError(
      'FILE_FAILED',
      `The JUnit report ${quoted(path)} cannot be written: ${messageOf(error)}.`,
      {
        notChanged: 'Nothing was done.',
        remedy: 'Name a file in a folder that exists and that you may write to.',
        details: { path },
        cause: error,
      },
    );
  }
}

/** What the command came to is told already, so that a report which fails now (a full disk) is a warning beside it. */
async function written(io: Io, file: FileHandle, path: string, report: Report | undefined): Promise<boolean> {
  try {
    for await (const piece of (await report?.()) ?? []) await file.write(piece);
    return true;
  } catch (error) {
    io.warn(`The JUnit report ${quoted(path)} could not be written: ${messageOf(error)}.`);
    return false;
  } finally {
    await file.close();
  }
}
