import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captured } from './captured.ts';
import { addWords, setStage, type Stage } from './sandboxed.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage(60);
  await stage.run(...addWords(stage, 'dev'));
  await stage.run('backup', 'dev', 'acme');
});
afterAll(async () => stage[Symbol.asyncDispose]());

test('--out - is standard output: the document alone, and what is told of it beside', async () => {
  const { code, out, err } = await stage.run('snapshot', 'export', 'latest:dev/acme', '--out', '-');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ realm: { id: 'acme' } });
  expect(err).toMatch(/Wrote to standard output \(.*\)\.\n/);
  const quiet = await stage.run('snapshot', 'export', 'latest:dev/acme', '--out', '-', '--quiet');
  expect([quiet.err, quiet.out]).toEqual(['', out]);
});

test('an archive goes into a pipe, and not to a terminal', async () => {
  const words = [
    'snapshot',
    'export',
    'latest:dev/acme',
    '--format',
    'archive',
    '--unencrypted',
    '--out',
    '-',
  ];
  const piped = await stage.run(...words);
  expect(piped.code).toBe(0);
  // The magic number of Zstandard, as far as text tells it.
  expect(piped.out.slice(0, 1)).toBe('(');
  expect(piped.out.length).toBeGreaterThan(1000);
  const terminal = captured(stage.env, { tty: true });
  const refused = await stage.begin(terminal, ...words);
  expect([refused.code, refused.out]).toEqual([2, '']);
  expect(refused.err).toContain('not written to a terminal');
});

test('a report likewise, and what cannot be on standard output is refused', async () => {
  const { jobs } = (await stage.run('job', 'list', '--json')).json() as unknown as { jobs: { id: string }[] };
  const job = jobs[0]!.id;
  const csv = ['job', 'report', job, '--format', 'csv'];
  expect((await stage.run(...csv, '--out', '-')).out).toBe((await stage.run(...csv)).out);
  for (const [words, why] of [
    [['snapshot', 'export', 'latest:dev/acme', '--out', '-', '--json'], 'one JSON document'],
    [['snapshot', 'export', 'latest:dev/acme', '--out', '-', '--replace'], '--replace replaces a file'],
    [[...csv, '--out', '-', '--replace'], '--replace replaces a file'],
    [['catalog', 'recovery-key', 'new', '--out', '-'], 'read back'],
  ] as const) {
    const { code, out, err } = await stage.run(...words);
    expect([words, code, out + err]).toEqual([words, 2, expect.stringContaining(why)]);
  }
  expect(existsSync('-')).toBe(false);
});
