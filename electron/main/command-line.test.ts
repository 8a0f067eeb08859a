import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wantedBy } from './command-line.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-words-'));
  writeFileSync(join(folder, 'prod archive.tar.zst.age'), '');
  writeFileSync(join(folder, 'plan'), '');
  mkdirSync(join(folder, 'backup.d'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([[[]], [['--no-sandbox', '--enable-features=A,B']], [['--catalog=']], [['--catalog', '']]])(
  'opens windows for %j',
  (words) => {
    expect(wantedBy(words, folder)).toEqual({ kind: 'windows', files: [], catalog: undefined });
  },
);

it.each([[['./plan']], [['--no-sandbox', './plan']]])('opens windows with a file for %j', (words) => {
  expect(wantedBy(words, folder)).toEqual({
    kind: 'windows',
    files: [join(folder, 'plan')],
    catalog: undefined,
  });
});

it('takes a file by its name, its path and its address', () => {
  const file = join(folder, 'prod archive.tar.zst.age');
  for (const word of ['prod archive.tar.zst.age', file, pathToFileURL(file).href])
    expect(wantedBy([word], folder)).toMatchObject({ kind: 'windows', files: [file] });
});

it('opens the windows of a catalog that is named', () => {
  for (const words of [['--catalog', 'there'], ['--catalog=there']])
    expect(wantedBy(words, folder)).toEqual({ kind: 'windows', files: [], catalog: join(folder, 'there') });
});

it.each([
  [
    ['plan', 'a', 'b'],
    ['plan', 'a', 'b'],
  ],
  [['--version'], ['--version']],
  [
    ['--json', 'env', 'list'],
    ['--json', 'env', 'list'],
  ],
  [
    ['--no-sandbox', '--catalog', 'there', '--quiet', 'backup', 'dev', '--all'],
    ['--catalog', 'there', '--quiet', 'backup', 'dev', '--all'],
  ],
  // Neither a command nor a file: the command line says so.
  [
    ['bakcup', 'dev'],
    ['bakcup', 'dev'],
  ],
  [['./not-there.json'], ['./not-there.json']],
  [['backup.d'], ['backup.d']],
  [['file://elsewhere/prod.tar'], ['file://elsewhere/prod.tar']],
])('is the command line for %j', (words, handed) => {
  expect(wantedBy(words, folder)).toEqual({ kind: 'command', words: handed });
});
