import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { AppError } from '../../contract/errors.ts';
import type { Io } from '../io.ts';

/** Asks on standard error, so that standard output stays the result's. @throws AppError CANCELED on Ctrl-C and Ctrl-D */
export function ask(io: Io, question: string): Promise<string> {
  return answer(io, question, io.surroundings.stderr);
}

/** The same for a secret: what is typed is not shown. */
export async function askHidden(io: Io, question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const secret = await answer(io, question, nowhere);
  io.surroundings.stderr.write('\n');
  return secret;
}

function answer(io: Io, question: string, echo: Writable): Promise<string> {
  const { stdin, stderr } = io.surroundings;
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdin, output: echo, terminal: true, historySize: 0 });
    // Only now does the terminal not echo by itself any more: a quick typist must not see a secret.
    stderr.write(question);
    let given: string | undefined;
    // Raw mode turns Ctrl-C into a character: the process gets no signal, so we raise it ourselves.
    lines.on('SIGINT', () => {
      io.interruption.raise('SIGINT');
      lines.close();
    });
    io.interruption.signal.addEventListener('abort', () => lines.close(), { once: true });
    lines.once('line', (line) => {
      given = line;
      lines.close();
    });
    lines.once('close', () => {
      if (given !== undefined) return resolve(given);
      stderr.write('\n');
      reject(
        new AppError('CANCELED', 'The question was not answered.', {
          notChanged: 'Nothing was done.',
          remedy: 'Run the command again and answer, or give the value as the command’s --help says.',
        }),
      );
    });
  });
}
