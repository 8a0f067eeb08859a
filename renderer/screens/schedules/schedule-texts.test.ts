import { expect, test } from 'vitest';
import { missedText } from './schedule-texts.ts';

test('what is not counted any more is not told as a number', () => {
  expect(missedText(1, 'time')).toBe('1 time');
  expect(missedText(9_999, 'time')).toMatch(/^9.?999 times$/);
  expect(missedText(10_000, 'missed time')).toMatch(/^more than 9.?999 missed times$/);
});
