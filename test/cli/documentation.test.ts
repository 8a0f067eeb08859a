import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { EXIT, exitCodeOf } from '../../cli/exit-codes.ts';
import { Host } from '../../cli/host.ts';
import { buildProgram } from '../../cli/program.ts';
import { ERROR_CODES } from '../../contract/errors.ts';
import { captured } from './captured.ts';

const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

test('docs/cli.md has every command and every flag of the program, and no other', () => {
  const { program } = buildProgram(new Host(captured()));
  expect(documentedCommands()).toEqual(commandsOf(program));
});

test('docs/cli.md names every choice of a flag, and its default', () => {
  const { program } = buildProgram(new Host(captured()));
  const lacking = every(program).flatMap((command) =>
    command.options
      .filter(({ hidden }) => !hidden)
      .flatMap(({ flags, argChoices = [], defaultValue }) => {
        const row = rowOf(pathOf(command), flags);
        if (row.includes('as for `')) return [];
        const words = [...argChoices, ...(typeof defaultValue === 'boolean' ? [] : [defaultValue])];
        return words
          .filter((word) => word !== undefined && !row.includes(String(word)))
          .map((word) => `${pathOf(command)} ${flags}: ${String(word)}`);
      }),
  );
  expect(lacking).toEqual([]);
});

test('docs/cli.md has the global flags', () => {
  const { program } = buildProgram(new Host(captured()));
  const flags = program
    .createHelp()
    .visibleOptions(program)
    .map((option) => option.flags);
  expect(flagsIn(part('## Global flags')).toSorted()).toEqual(flags.toSorted());
});

test('docs/cli.md has every error code with its exit code, and every exit code', () => {
  const rows = [...part('### Error codes').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, exit]) => [
    code,
    Number(exit),
  ]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(ERROR_CODES.map((code) => [code, exitCodeOf(code)])),
  );
  const exits = [...part('## Exit codes').matchAll(/^\| (\d+) \|/gm)].map(([, exit]) => Number(exit));
  expect(exits).toEqual(Object.values(EXIT));
});

test('every command has a summary, a description, and examples that begin with its own name', () => {
  const { program } = buildProgram(new Host(captured()));
  for (const command of every(program)) {
    const help: string[] = [];
    command.configureOutput({ writeOut: (piece) => help.push(piece) }).outputHelp();
    const path = pathOf(command);
    expect(command.description(), path).not.toBe('');
    expect(help.join(''), path).toContain(`\nExamples:\n  ${path.split(' ').slice(0, 2).join(' ')}`);
    if (command.parent) expect(command.summary(), path).toMatch(/^[^A-Z].*[^.]$/);
  }
});

function every(command: Command): Command[] {
  return [command, ...command.commands.filter((inner) => inner.name() !== 'help').flatMap(every)];
}

/** What the page says of a flag of a command. */
function rowOf(path: string, flags: string): string {
  const parts = path === 'drawbridge' ? [part('## Global flags')] : text.split(/^#{2,3} /m);
  const one = parts.find((each) => path === 'drawbridge' || new RegExp(`^\`${path}[ \`]`).test(each)) ?? '';
  return one.split('\n').find((line) => line.startsWith(`| \`${flags}\` |`)) ?? '';
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function commandsOf(program: Command): Record<string, string[]> {
  const leaves = every(program).filter((command) => command.commands.length === 0);
  return sorted(
    leaves.map((command) => {
      const words = command.registeredArguments.map((argument) => {
        const name = argument.name() + (argument.variadic ? '...' : '');
        return argument.required ? `<${name}>` : `[${name}]`;
      });
      // Those that are hidden are for tests.
      const shown = command.options.filter(({ hidden }) => !hidden);
      return [[pathOf(command), ...words].join(' '), shown.map((option) => option.flags)];
    }),
  );
}

function documentedCommands(): Record<string, string[]> {
  const parts = text.split(/^#{2,3} /m).filter((one) => one.startsWith('`drawbridge '));
  return sorted(parts.map((one) => [/^`([^`]*)`/.exec(one)![1]!, flagsIn(one)]));
}

function sorted(entries: readonly (readonly [string, string[]])[]): Record<string, string[]> {
  return Object.fromEntries(
    entries
      .map(([name, flags]) => [name, flags.toSorted()] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function flagsIn(one: string): string[] {
  return [...one.matchAll(/^\| `(--[^`]*)` \|/gm)].map(([, flags]) => flags!);
}

function part(heading: string): string {
  const start = text.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`docs/cli.md has no “${heading}”.`);
  const rest = text.slice(start + heading.length);
  const end = rest.search(/^#{2,3} /m);
  return end < 0 ? rest : rest.slice(0, end);
}
