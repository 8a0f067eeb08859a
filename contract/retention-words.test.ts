import { expect, test } from 'vitest';
import { reasonsText } from './retention-words.ts';

test('reasons are one line: those who need it for the same are named together, where the first of them stands', () => {
  expect(
    reasonsText([
      { rule: 'last' },
      { rule: 'plan', by: 'p1' },
      { rule: 'rollback', by: 'j1' },
      { rule: 'plan', by: 'p2' },
      { rule: 'plan', by: 'p3' },
      { rule: 'safety', until: '2026-12-01T06:00:00.000Z' },
    ]),
  ).toBe(
    'one of the last; plans p1, p2 and p3 need it; job j1 is undone with it; taken before a job, kept until 2026-12-01',
  );
});
