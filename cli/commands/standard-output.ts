import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';

/** What is written for standard output where a file is to be named. */
const DASH = '-';

export function isStandardOutput(out: string | undefined): boolean {
  return out === DASH;
}

/**
 * Before anything is written to standard output in a file's place.
 *
 * @param binary whether it is not text
 * @throws AppError USAGE where a terminal, or whoever reads the one JSON document there, would be harmed
 */
export function requireStandardOutput(
  io: Io,
  { binary, replace = false }: { readonly binary: boolean; readonly replace?: boolean | undefined },
): void {
  if (io.json)
    throw refusal('With --json standard output holds one JSON document, and --out - writes another there.');
  if (replace) throw refusal('--replace replaces a file, and --out - names none.');
  if (binary && io.surroundings.stdout.isTTY)
    throw refusal('An archive is not text: it is not written to a terminal.');
}

/** The result of a command that wrote a file, or told beside what went to standard output. */
export function tellWritten(io: Io, out: string, document: unknown, lines: () => readonly string[]): void {
  if (isStandardOutput(out)) for (const line of lines()) io.note(line);
  else io.result(document, lines);
}

function refusal(message: string): AppError {
  return new AppError('USAGE', message, {
    notChanged: 'Nothing was written.',
    remedy: 'Name a file, or leave one of them out.',
  });
}
