import { open, type FileHandle } from 'node:fs/promises';
import { Option } from 'commander';
import { AppError } from '../../contract/errors.ts';
import { asAppError, messageOf } from '../../contract/wire.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { junitXml, type JunitCase } from '../render/junit.ts';
import { quoted } from '../render/visible.ts';

export function junitOption(): Option {
  return new Option('--junit <file>', 'also write what came of it as a JUnit report; replaces the file');
}

interface JunitReport {
  /** Undefined: none is wanted. */
  readonly path: string | undefined;
  /** The suite's name. */
  readonly name: string;
}

/**
 * Runs a command that tells its outcome as cases too, and writes them to a file. A command that fails has one: its error.
 * The file is opened first: that it cannot be written is known before anything is done.
 *
 * @throws AppError FILE_FAILED; what the command throws
 */
export async function withJunit(
  io: Io,
  { path, name }: JunitReport,
  body: (tell: (cases: readonly JunitCase[]) => void) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (path === undefined) return body(() => {});
  const file = await opened(path);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const cases: JunitCase[] = [];
  let isWritten: boolean;
  let exitCode: ExitCode;
  try {
    exitCode = await body((more) => cases.push(...more));
  } catch (error) {
    cases.push(errorCase(name, asAppError(error)));
    throw error;
  } finally {
    const seconds = (performance.now() - began) / 1000;
    isWritten = await written(io, file, path, junitXml({ name, startedAt, seconds, cases }));
  }
  return isWritten || exitCode !== EXIT.done ? exitCode : EXIT.failed;
}

function errorCase(group: string, { code, message, notChanged, remedy }: AppError): JunitCase {
  return {
    name: 'the command',
    group,
    outcome: 'error',
    message,
    type: code,
    text: [message, notChanged, remedy].filter((sentence) => sentence !== '').join('\n'),
  };
}

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
async function written(io: Io, file: FileHandle, path: string, xml: string): Promise<boolean> {
  try {
    await file.writeFile(xml);
    await file.close();
    return true;
  } catch (error) {
    io.warn(`The JUnit report ${quoted(path)} could not be written: ${messageOf(error)}.`);
    return false;
  }
}
