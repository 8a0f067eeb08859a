import { expect, test } from 'vitest';
import { asCalled } from './as-called.ts';

const SELF = "npm run -s drawbridge -- --catalog '/srv/my realms'";

test.each([
  ['See what it did: drawbridge job show 12ab.', `See what it did: ${SELF} job show 12ab.`],
  ['“drawbridge catalog repair” saves what is whole.', `“${SELF} catalog repair” saves what is whole.`],
  [
    'Wait (drawbridge job show 1), or stop it: drawbridge job cancel 1.',
    `Wait (${SELF} job show 1), or stop it: ${SELF} job cancel 1.`,
  ],
])('a command is named as it has to be typed here: %s', (text, typed) => {
  expect(asCalled(text, SELF)).toBe(typed);
  // What names it so already is left alone.
  expect(asCalled(typed, SELF)).toBe(typed);
});

test.each([
  'To undo it: drawbridge --catalog drawbridge rollback 12ab',
  'To undo it: drawbridge --catalog /srv/drawbridge rollback 12ab',
  "To undo it: drawbridge --catalog '/srv/my drawbridge' rollback 12ab",
  'Give an archive of Drawbridge.',
])('what is no command of ours, or is as it was typed, stays: %s', (text) => {
  expect(asCalled(text, SELF)).toBe(text);
});

test('what stands in a name of a folder is no pattern of a replacement', () => {
  expect(asCalled('drawbridge job list', 'drawbridge --catalog $&')).toBe('drawbridge --catalog $& job list');
});
