import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAGES, readPage, stepsOf } from './pages.ts';
import { firstDifference } from './printed.ts';
import { GuideSession } from './session.ts';

let session: GuideSession;

beforeAll(async () => {
  session = await GuideSession.begin();
});
afterAll(async () => session?.[Symbol.asyncDispose]());

test.each(PAGES)('docs/guide/%s: every command prints what the page shows', async (name) => {
  const steps = stepsOf(readPage(name));
  expect(steps.length).toBeGreaterThan(0);
  for (const step of steps) {
    const printed = await session.run(step);
    if (step.kind !== 'command') continue;
    const difference = firstDifference(step.printed, printed);
    expect(difference, `${step.line}\n${printed.join('\n')}`).toBeUndefined();
  }
});

test('whoever cleans up as the last page says is left with nothing', () => {
  expect(session.left()).toEqual([]);
});
