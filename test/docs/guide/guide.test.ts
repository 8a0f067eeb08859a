import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAGES, readPage, stepsOf } from './pages.ts';
import { firstSession, named } from './first-session.ts';
import { firstDifference } from './printed.ts';
import { GuideSession } from './session.ts';

let session: GuideSession;

beforeAll(async () => {
  session = await GuideSession.begin();
});
afterAll(async () => session?.[Symbol.asyncDispose]());

test('docs/cli.md: the first session goes through as it stands', async () => {
  const typed = async (line: string) =>
    (await session.run({ kind: 'command', line, printed: [] })).join('\n');
  // In the place of this user's own folder, and of being asked.
  await typed("export DRAWBRIDGE_CATALOG=~/first DRAWBRIDGE_PASSPHRASE='correct horse battery staple'");
  const printed: string[] = [];
  for (const line of firstSession()) {
    printed.push(await typed(named(line, printed)));
    expect(printed.at(-1), line).not.toContain('[exit code');
  }
  expect(printed[0]?.match(/^ +export \w+_SECRET=\S+ \w+_DATABASE=\S+$/gm)).toHaveLength(2);
  expect(printed.at(-2)).toContain('Done and verified: realm “field-ops” on “prod”');
  expect(printed.at(-1)).toContain('Undone and verified: realm “field-ops” on “prod”');
  // As before: the pages below begin with it.
  expect(await typed('drawbridge realms prod')).not.toContain('field-ops');
  await typed('rm -r ~/first');
});

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
