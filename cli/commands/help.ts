import type { Command } from 'commander';
import { ERROR_HELP } from '../../contract/error-help.ts';
import { ERROR_CODES, type ErrorCode } from '../../contract/errors.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import { examples } from './examples.ts';
import { nearestName } from '../../contract/nearest-name.ts';
import { noSuchCommand, noSuchWord } from './unknown-word.ts';

/** `help`, `help <command>`, and `help <code>`: what an error's code means, as docs/guide/errors.md has it. */
export function registerHelp(program: Command, host: Host): void {
  const help = program
    .command('help')
    .argument('[word...]', 'a command, or the code of an error')
    .summary('show help for a command, or what an error’s code means')
    .description('Shows help for the program or a command, or what lies behind an error that has this code.')
    .action((words: string[]) => host.run(help, async (io) => tellHelp(io, program, words)));
  examples(help, ['drawbridge help snapshot export', 'drawbridge help TARGET_CHANGED']);
}

function tellHelp(io: Io, program: Command, words: readonly string[]): ExitCode {
  const [only] = words;
  const code = words.length === 1 ? errorCode(only!) : undefined;
  if (code === undefined) {
    const meant = words.length === 1 ? nearestCode(only!) : undefined;
    if (meant !== undefined) throw noSuchWord(only!, meant);
    return commandOf(program, words).help();
  }
  const { cause, remedy, notChanged } = ERROR_HELP[code];
  io.result({ code, exitCode: exitCodeOf(code), cause, remedy, notChanged }, () => [
    `${io.paint.bold(code)} (exit code ${exitCodeOf(code)})`,
    cause,
    '',
    `${io.paint.bold('What to do:')} ${remedy}`,
    `${io.paint.bold('What was not changed:')} ${notChanged}`,
  ]);
  return EXIT.done;
}

function errorCode(word: string): ErrorCode | undefined {
  return ERROR_CODES.find((code) => code === asCode(word));
}

/** Of what is typed like a code, in capitals or with an underscore: no command is. */
function nearestCode(word: string): string | undefined {
  return /^[A-Z_-]+$|_/.test(word) ? nearestName(asCode(word), ERROR_CODES) : undefined;
}

function asCode(word: string): string {
  return word.toUpperCase().replaceAll('-', '_');
}

/** @throws AppError USAGE */
function commandOf(program: Command, words: readonly string[]): Command {
  const joined = program.commands.find((command) => command.name() === words.join(' '));
  if (joined) return joined;
  return words.reduce((group, word) => {
    const inner = group.commands.find((command) => command.name() === word);
    if (inner) return inner;
    throw noSuchCommand(group, word);
  }, program);
}
