import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import { nearestName } from '../../contract/nearest-name.ts';

/** What other programs call the same. */
const ALSO_CALLED: readonly (readonly string[])[] = [
  ['add', 'new', 'create'],
  ['remove', 'delete', 'rm', 'del', 'forget'],
  ['update', 'edit', 'change', 'set', 'modify'],
  ['list', 'ls', 'all'],
  ['show', 'get', 'info', 'describe', 'view', 'status'],
  ['rollback', 'undo', 'revert'],
  ['diff', 'compare'],
  ['plan', 'preview'],
  ['cancel', 'stop', 'abort', 'kill'],
  ['resume', 'continue'],
  ['export', 'save'],
  ['import', 'load'],
  ['env', 'environment', 'environments'],
  ['snapshot', 'snapshots', 'backups'],
  ['job', 'jobs'],
  ['schedule', 'schedules'],
];

/** That a group of commands, or the program, has none of the name that was typed; undefined: it has, or none was typed. */
export function unknownWord(group: Command): AppError | undefined {
  if (group.commands.length === 0) return undefined;
  const [first, second] = group.args;
  // Commander’s own: “env help add”.
  const word = first === 'help' && !hasCommand(group, 'help') ? second : first;
  if (word === undefined || word.startsWith('-') || hasCommand(group, word)) return undefined;
  return noSuchCommand(group, word);
}

export function noSuchCommand(group: Command, word: string): AppError {
  return noSuchWord(
    word,
    nearest(
      word,
      group.commands.map((command) => command.name()),
    ),
  );
}

/** @param meant what it may be a slip of */
export function noSuchWord(word: string, meant: string | undefined): AppError {
  return new AppError(
    'USAGE',
    `Unknown command “${word}”${meant === undefined ? '.' : ` (Did you mean ${meant}?)`}`,
    {
      notChanged: 'Nothing was done.',
      remedy: 'Correct the command line; --help after the command explains it, with examples.',
    },
  );
}

function hasCommand(group: Command, name: string): boolean {
  return group.commands.some((command) => command.name() === name);
}

function nearest(word: string, names: readonly string[]): string | undefined {
  const same = ALSO_CALLED.find((words) => words.includes(word.toLowerCase())) ?? [];
  return names.find((name) => same.includes(name)) ?? nearestName(word.toLowerCase(), names);
}
