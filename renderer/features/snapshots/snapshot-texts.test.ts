import { expect, test } from 'vitest';
import { wholeText } from './snapshot-texts.ts';

test('what is marked as not whole is not said to have everything', () => {
  const everything = 'It contains everything that its source has of the realm.';
  expect(wholeText({ complete: true, warnings: [] }, 0)).toBe(everything);
  expect(wholeText({ complete: false, warnings: [] }, 0)).toContain('It was not taken as a whole backup.');
  expect(wholeText({ complete: false, warnings: [] }, 2)).toContain('it lacks 2 things');
});
