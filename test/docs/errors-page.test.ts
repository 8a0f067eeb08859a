import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_HELP } from '../../contract/error-help.ts';
import { ERROR_CODES } from '../../contract/errors.ts';
import { errorsPage } from './errors-page.ts';

const PAGE = readFileSync(new URL('../../docs/guide/errors.md', import.meta.url), 'utf8');

test('docs/guide/errors.md is what `npm run docs` writes', () => {
  expect(PAGE).toBe(errorsPage());
});

test('it has a section for every code, each with a cause, a remedy and what was not changed, in sentences', () => {
  const headings = [...PAGE.matchAll(/^## `(\w+)`$/gm)].map(([, code]) => code);
  expect(headings).toEqual([...ERROR_CODES]);
  for (const code of ERROR_CODES)
    for (const text of Object.values(ERROR_HELP[code])) expect(text, code).toMatch(/^[A-Z“].{15,}\.$/s);
});
