import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host } from '../host.ts';
import { buildProgram } from '../program.ts';
import { captured } from '../../test/cli/captured.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { completedCommands } from './words.ts';
import { zshScript } from './zsh.ts';

const { program } = buildProgram(new Host(captured()));
const commands = completedCommands(program);

/** Not every machine has every shell: what is not there is not tried. */
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
  mkdirSync(join(folder, 'realms'));
  writeFileSync(join(folder, 'realm of ours.json'), '');
  writeFileSync(join(folder, '$(touch carried-out)'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly line: string;
  /** How Bash takes it apart, where that is not at the spaces. */
  readonly words?: readonly string[];
  readonly offers: readonly string[];
}

/** What is typed until Tab is pressed, and all that is offered then. */
const CASES: readonly Case[] = [
  { line: 'drawbridge sn', offers: ['snapshot'] },
  { line: 'drawbridge --catalog /srv/x --json catalog recovery-key ', offers: ['check', 'new'] },
  { line: 'drawbridge plan --users merge s', offers: ['show'] },
  { line: 'drawbridge migrate a b --re', offers: ['--realm', '--realm-name'] },
  { line: 'drawbridge plan a b --realm ', offers: ['merge', 'overwrite', 'stop'] },
  { line: 'drawbridge snapshot list --realm ', offers: [] },
  { line: 'drawbridge snapshot list --env backup --re', offers: ['--realm'] },
  { line: 'drawbridge realms ', offers: [] },
  { line: 'drawbridge seed realm', offers: ['realm of ours.json', 'realms/'] },
  { line: 'drawbridge catalog move re', offers: ['realms/'] },
  { line: 'drawbridge diff a $', offers: ['$(touch carried-out)'] },
  { line: 'drawbridge help snap', offers: ['snapshot'] },
  { line: 'drawbridge help TARGET_C', offers: ['TARGET_CHANGED'] },
];

describe.skipIf(!has('bash'))('Bash', () => {
  test.each([
    ...CASES,
    {
      line: 'drawbridge plan latest:dev/acme prod --realm=m',
      words: ['drawbridge', 'plan', 'latest', ':', 'dev/acme', 'prod', '--realm', '=', 'm'],
      offers: ['merge'],
    },
    {
      line: 'the same, as zsh has it',
      words: ['drawbridge', 'plan', '--realm=m'],
      offers: ['--realm=merge'],
    },
  ])('$line', ({ line, words, offers }: Case) => {
    // It says itself that a slash is wanted behind a folder; that is left to Bash.
    expect(inBash([words ?? line.split(' ')])[0]).toEqual(offers.map((one) => one.replace(/\/$/, '')));
  });

  test('every command and every flag of the program is offered', () => {
    const typed = commands.flatMap(({ path }) => [
      ['drawbridge', ...path.split(' ').filter(Boolean), '--'],
      ['drawbridge', ...path.split(' ').filter(Boolean), ''],
    ]);
    const offered = inBash(typed);
    for (const [at, { flags, words }] of commands.entries()) {
      expect(offered[2 * at]).toEqual(flags.map(({ name }) => name).sort());
      expect(offered[2 * at + 1]).toEqual(expect.arrayContaining(words.map(({ name }) => name)));
    }
    expect(commands.length).toBeGreaterThan(60);
  });

  test('nothing that was typed is carried out', () => {
    inBash([['drawbridge', 'plan', '$(touch carried-out)', '`touch carried-out`', '$(touch carried-out)']]);
    expect(execFileSync('ls', [folder], { encoding: 'utf8' }).split('\n')).not.toContain('carried-out');
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  test.each(CASES)('$line', ({ line, offers }) => {
    const script = `${fishScript(commands)}\ncomplete -C ${inFish(line.replaceAll('$', '\\$'))}`;
    const shown = execFileSync('fish', ['--no-config', '-c', script], { cwd: folder, encoding: 'utf8' });
    const values = shown
      .split('\n')
      .filter(Boolean)
      .map((one) => one.split('\t')[0]!.replaceAll('\\', ''));
    expect(values.sort()).toEqual([...offers].sort());
  });
});

test.skipIf(!has('zsh'))('zsh can read what is written for it', () => {
  const { status, stderr } = spawnSync('zsh', ['-f', '-n'], { input: zshScript(commands), encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

/** What Bash offers for each of some lines, sorted. */
function inBash(lines: readonly (readonly string[])[]): string[][] {
  const tries = lines.map(
    (words) => `COMP_WORDS=(${words.map(literal).join(' ')}); COMP_CWORD=${words.length - 1}
_drawbridge; printf '%s\\0' "\${COMPREPLY[@]}"; printf '\\1'`,
  );
  const script = `${bashScript(commands)}\n${tries.join('\n')}`;
  const shown = execFileSync('bash', ['--norc'], { cwd: folder, input: script, encoding: 'utf8' });
  return shown
    .split('\x01')
    .slice(0, -1)
    .map((one) => one.split('\0').filter(Boolean).sort());
}

function literal(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function inFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
