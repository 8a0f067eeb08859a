import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { PAGES, stepsOf } from './guide/pages.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: PROJECT })].map((path) => join(PROJECT, path));

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every link and every picture of the documentation leads to something that is there', () => {
  const broken = pages.flatMap((path) => {
    const text = readFileSync(path, 'utf8').replace(/^```[^]*?^```$/gm, '');
    return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
      ([, file = '', anchor]) => {
        const target = file === '' ? path : join(dirname(path), file);
        if (!existsSync(target)) return [`${relative(PROJECT, path)}: ${file}`];
        const isThere = anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
        return isThere ? [] : [`${relative(PROJECT, path)}: ${file}#${anchor}`];
      },
    );
  });
  expect(broken).toEqual([]);
});

test('the guide’s contents name every page of it, and no page has commands that are not run', () => {
  const folder = join(PROJECT, 'docs/guide');
  const names = globSync('*.md', { cwd: folder }).filter((name) => name !== 'README.md');
  const contents = readFileSync(join(folder, 'README.md'), 'utf8');
  const named = [...contents.matchAll(/^\| \d \| \[[^\]]*\]\(([^)]*)\)/gm)].map(([, name = '']) => name);
  expect(named.toSorted()).toEqual(names.toSorted());
  const unrun = ['README.md', ...names].filter((name) => !(PAGES as readonly string[]).includes(name));
  for (const name of unrun) expect(stepsOf(readFileSync(join(folder, name), 'utf8')), name).toEqual([]);
});
