import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withWrittenPart, writtenPart } from './benchmarks-page.ts';

const BEGIN = '<!-- written by `npm run bench`: begin -->';
const END = '<!-- written by `npm run bench`: end -->';

test('only what stands between the two lines is written anew', () => {
  const page = `# Figures\n\n${BEGIN}\n\nold\n\n${END}\n\nBy hand.\n`;
  expect(writtenPart(page)).toBe('old');
  const written = withWrittenPart(page, 'new\n');
  expect(written).toBe(`# Figures\n\n${BEGIN}\n\nnew\n\n${END}\n\nBy hand.\n`);
  expect(withWrittenPart(written, writtenPart(written))).toBe(written);
});

test('a page in which nothing was written yet takes it', () => {
  expect(withWrittenPart(`${BEGIN}\n${END}\n`, 'new')).toBe(`${BEGIN}\n\nnew\n\n${END}\n`);
});

test.each([
  ['no lines', 'By hand.'],
  ['no end', BEGIN],
  ['no beginning', END],
  ['the wrong order', `${END}\n${BEGIN}`],
  ['two of them', `${BEGIN}\n${BEGIN}\n${END}`],
  ['two ends', `${BEGIN}\n${END}\n${END}`],
])('a page with %s is refused', (_, page) => {
  expect(() => withWrittenPart(page, 'new')).toThrow('The page was not changed');
  expect(() => writtenPart(page)).toThrow('The page was not changed');
});

test('the page of this project has its place for the table', () => {
  const page = readFileSync(new URL('../docs/benchmarks.md', import.meta.url), 'utf8');
  expect(writtenPart(page)).toContain('| what | measured | baseline | ratio | bar |');
});
