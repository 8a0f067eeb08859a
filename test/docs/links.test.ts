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

/** Whole paths from the project’s folder; others, as a room’s row and its paragraphs have them, end a path somewhere in it. */
test('every file and every folder that docs/ARCHITECTURE.md names is there', () => {
  const there = globSync('**/*', { cwd: PROJECT, exclude: ['node_modules', 'out', 'dist'] });
  const rooms = new Set(there.map((path) => path.split('/')[0]!));
  const named = [
    ...readFileSync(join(PROJECT, 'docs/ARCHITECTURE.md'), 'utf8').matchAll(
      /`((?:[\w.-]+\/)+|(?:[\w.-]+\/)*[\w.-]+\.(?:tsx?|mjs|json|db))`/g,
    ),
  ].map(([, path = '']) => path.replace(/\/$/, ''));
  expect(named.length).toBeGreaterThan(150);
  const isThere = (path: string): boolean =>
    existsSync(join(PROJECT, path)) ||
    (!rooms.has(path.split('/')[0]!) && there.some((one) => one.endsWith(`/${path}`)));
  expect(named.filter((path) => !isThere(path))).toEqual([]);
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
