import { expect, test } from 'vitest';
import { titleInWindows } from './job-title.ts';

test.each([
  ['plan', 'Plan snapshot 12ab of dev/acme → prod', 'Preview snapshot 12ab of dev/acme → prod'],
  ['rollback-plan', 'Plan to undo job 12ab on prod/acme', 'Preview of undoing job 12ab on prod/acme'],
  [
    'retry-plan',
    'Plan to try again what failed in job 12ab on prod/acme',
    'Preview of trying again what failed in job 12ab on prod/acme',
  ],
  // A file may be called like that, and what is applied has the plan's id.
  ['import-file', 'Import Plan to undo .json', 'Import Plan to undo .json'],
  ['apply', 'Apply plan 12ab: dev/acme → prod/acme', 'Apply plan 12ab: dev/acme → prod/acme'],
])('%s: %s', (kind, title, shown) => {
  expect(titleInWindows({ kind, title })).toBe(shown);
});
