import type { Argument, Command, Option } from 'commander';
import { ERROR_CODES } from '../../contract/errors.ts';
import { SECTIONS } from '../../contract/sections.ts';

/** What can be typed in one place: one of these words, a file, a folder, or what only the user knows. */
export type Value = readonly string[] | 'file' | 'folder' | 'unknown';

export interface CompletedFlag {
  readonly name: string;
  readonly description: string;
  /** Undefined: it takes none. */
  readonly value: Value | undefined;
}

export interface CompletedCommand {
  /** As it is typed: `catalog recovery-key new`; of the program itself ``. */
  readonly path: string;
  readonly description: string;
  /** The words that can follow it and lead to another command, such as `list` behind `plan`. */
  readonly words: readonly Described[];
  readonly flags: readonly CompletedFlag[];
  /** What else can stand behind it, and is no flag. */
  readonly value: Value;
}

export interface Described {
  readonly name: string;
  readonly description: string;
}

/**
 * Every command of the program, with what can be typed behind it. Nothing of a catalog is among it: to open one for the Tab
 * key would take its passphrase, and half a second each time.
 */
export function completedCommands(program: Command): CompletedCommand[] {
  const everywhere = [...flagsOf(program).filter(({ name }) => name !== '--version'), HELP];
  const withPaths = pathsIn(program, '');
  return withPaths.map(({ path, command }) => ({
    path,
    description: descriptionOf(command),
    words: withPaths
      .filter((one) => one.path !== '' && parentOf(one.path) === path)
      .map((one) => ({ name: one.path.split(' ').at(-1)!, description: descriptionOf(one.command) })),
    flags: command === program ? [...flagsOf(program), HELP] : [...flagsOf(command), ...everywhere],
    value: command.name() === 'help' ? helpedWith(program) : valueBehind(command),
  }));
}

/** Commands, and codes of errors. */
function helpedWith(program: Command): string[] {
  return [...program.commands.map((one) => one.name()).filter((name) => !name.includes(' ')), ...ERROR_CODES];
}

const HELP: CompletedFlag = { name: '--help', description: 'show help for a command', value: undefined };

/** A command that is registered by two words, as `plan list` is, comes out as one behind the first of them. */
function pathsIn(command: Command, path: string): { readonly path: string; readonly command: Command }[] {
  const inner = command.commands.flatMap((one) => pathsIn(one, `${path} ${one.name()}`.trimStart()));
  return [{ path, command }, ...inner];
}

function parentOf(path: string): string {
  return path.split(' ').slice(0, -1).join(' ');
}

function descriptionOf(command: Command): string {
  return command.summary() || command.description();
}

function flagsOf(command: Command): CompletedFlag[] {
  return command.options
    .filter((option) => !option.hidden)
    .map((option) => ({
      name: option.long!,
      description: option.description,
      value: option.required ? valueOf(option, /<(.*)>/.exec(option.flags)?.[1] ?? '') : undefined,
    }));
}

function valueBehind(command: Command): Value {
  const values = command.registeredArguments.map((argument) => valueOf(argument, argument.name()));
  // A source can be a document; an environment stands behind it.
  return values.find((value) => value !== 'unknown') ?? 'unknown';
}

const FILES = ['file', 'file-or-folder', 'source', 'left', 'right', 'program'];
const FOLDERS = ['dir', 'folder'];

function valueOf({ argChoices }: Option | Argument, name: string): Value {
  if (argChoices) return argChoices;
  if (name === 'list') return SECTIONS;
  return FILES.includes(name) ? 'file' : FOLDERS.includes(name) ? 'folder' : 'unknown';
}
