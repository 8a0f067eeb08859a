import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { withNamesJoined } from '../../cli/commands/two-words.ts';
import { Host } from '../../cli/host.ts';
import { buildProgram } from '../../cli/program.ts';
import { captured } from './captured.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Labels of keys that are derived, and no commands. */
const LABELS = ['key slot', 'recovery key', 'catalog v1'];

const { program } = buildProgram(new Host(captured()));

test('every command that a message or an example names is one of the program', () => {
  const named = globSync(['core/**/*.ts', 'cli/**/*.ts'], { cwd: ROOT })
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) => commandsIn(readFileSync(`${ROOT}/${path}`, 'utf8')).map((words) => ({ path, words })));
  expect(named.length).toBeGreaterThan(80);
  expect(
    named.flatMap(({ path, words }) =>
      complaint(words) === undefined ? [] : [`${path}: ${words.join(' ')}: ${complaint(words)}`],
    ),
  ).toEqual([]);
});

test('every command that the documentation names is one of the program', () => {
  const named = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].flatMap((path) =>
    commandsIn(readFileSync(`${ROOT}/${path}`, 'utf8'), true).map((words) => ({ path, words })),
  );
  expect(named.length).toBeGreaterThan(200);
  expect(
    named.flatMap(({ path, words }) =>
      complaint(words) === undefined ? [] : [`${path}: ${words.join(' ')}: ${complaint(words)}`],
    ),
  ).toEqual([]);
});

test.each([
  ['`stop it: drawbridge job halt ${id}.`', '“job” has no “halt”'],
  ['`See them with: drawbridge plan items ${stored.id}. Then`', '“plan” has no “items”'],
  ['`See them with: drawbridge plan show ${stored.id}. Then`', undefined],
  ['`See: ${io.self} job raport ${id}`', '“job” has no “raport”'],
  ['`Do: drawbridge frobnicate.`', '“drawbridge” has no “frobnicate”'],
  ["'drawbridge job'", '“job” needs a further word'],
  ['`See drawbridge completion tcsh`', '“completion” has no “tcsh”'],
  ['`See drawbridge completion bash`', undefined],
  ["'drawbridge job list --limt 3'", '“list” has no “--limt”'],
  ["'drawbridge rollback a b'", '“rollback” takes fewer words'],
  ['`See: drawbridge plan ${source} ${name} --realm mirror`', '“--realm” cannot be “mirror”'],
  ['`Look (drawbridge job show) before, or at “drawbridge realms <environment>” again.`', undefined],
  ['`drawbridge plan ${snapshot} ${environment}${name}. Then settle them`', undefined],
  ["'drawbridge backup prod acme --all --tag nightly   # a comment'", undefined],
])('%s: %s', (text, expected) => {
  const found = commandsIn(text);
  expect(found.length).toBeGreaterThan(0);
  expect(found.map(complaint).find((one) => one !== undefined)).toBe(expected);
});

/**
 * The words after “drawbridge” or its stand-in, as far as they can belong to a command line.
 *
 * @param examples all of them are such that their bare words are values
 */
function commandsIn(source: string, examples = false): string[][] {
  const code = source.replace(/^\s*(\*|\/\/|\/\*).*$/gm, '');
  return [...code.matchAll(/(?:(['"`])?\bdrawbridge|(['"`])?\$\{(?:io\.)?self\}) (?=[a-z])([^\n]*)/g)]
    .filter(([, , , rest]) => !LABELS.some((label) => rest?.startsWith(label)))
    .map(([, quote, otherQuote, rest = '']) =>
      wordsOf(rest, examples || (quote ?? otherQuote) !== undefined),
    );
}

/** @param example a text that is nothing but the command: its bare words are values */
function wordsOf(rest: string, example: boolean): string[] {
  const words: string[] = [];
  for (const [, piece = ''] of rest.matchAll(/((?:\$\{[^}]*\}|"[^"]*"|\S)+)\s*/g)) {
    if (piece.startsWith('#') || piece === '|' || piece === '>' || piece.startsWith('\\')) break;
    const [, word = '', end = ''] =
      /^((?:\$\{[^}]*\}|"[^"]*"|<[^>]*>|[^\s'`”’),;:]|:(?=\S))*?)([.]?['`”’),;].*|[.:])?$/.exec(piece) ?? [];
    const isValue = words.length > 0 && example && !word.startsWith('--') && !isCommandSoFar(words);
    if (word !== '') words.push(isValue && /^[a-z-]+$/.test(word) ? `<${word}>` : word);
    if (end !== '') break;
  }
  return words;
}

/** Whether these words name a group of commands, so that one of its commands must follow. */
function isCommandSoFar(words: readonly string[]): boolean {
  let command: Command | undefined = program;
  for (const word of words) command = command && subcommand(command, word);
  return (command?.commands.length ?? 0) > 0;
}

function subcommand(command: Command, name: string): Command | undefined {
  return command.commands.find((inner) => inner.name() === name);
}

/** What commander would have against it. */
function complaint(words: readonly string[]): string | undefined {
  let command = program;
  const left = withNamesJoined(words);
  while (command.commands.length > 0) {
    const name = left.shift();
    // “… env add --help” of a group, or of the program, and “help”, which commander adds.
    if (name === '--help' || name === 'help') return undefined;
    if (name === undefined) return `“${command.name()}” needs a further word`;
    const inner = subcommand(command, name);
    if (!inner) return `“${command.name()}” has no “${name}”`;
    command = inner;
  }
  const flags = [...command.options, ...program.options].flatMap(({ long }) => long ?? []);
  const firstFlag = left.findIndex((word) => word.startsWith('--'));
  const values = firstFlag < 0 ? left : left.slice(0, firstFlag);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const bare = values.find((word) => /^[a-z-]+$/.test(word) && !choices.includes(word));
  if (bare !== undefined) return `“${command.name()}” has no “${bare}”`;
  const unknown = left.find((word) => /^--[a-z-]+$/.test(word) && word !== '--help' && !flags.includes(word));
  if (unknown !== undefined) return `“${command.name()}” has no “${unknown}”`;
  for (const { long, argChoices } of command.options) {
    const value = long ? left[left.indexOf(long) + 1] : undefined;
    const isWord = long && left.includes(long) && value !== undefined && /^[a-z.\d-]+$/.test(value);
    if (isWord && argChoices && !argChoices.includes(value)) return `“${long}” cannot be “${value}”`;
  }
  const takes = command.registeredArguments.some(({ variadic }) => variadic)
    ? Infinity
    : command.registeredArguments.length;
  return values.length > takes ? `“${command.name()}” takes fewer words` : undefined;
}
