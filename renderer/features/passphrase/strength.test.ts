import { expect, test } from 'vitest';
import { strengthOf } from './strength.ts';

test.each([
  // The guide's own.
  'correct horse battery staple',
  'Correct Horse Battery Staple',
  'correct-horse-battery-staple',
  'correcthorsebatterystaple',
  ' correct  horse battery staple ',
  'correct horse battery staple!',
  'the quick brown fox jumps over the lazy dog',
])('a well-known example is weak, and said to be one: “%s”', async (passphrase) => {
  const { grade, says, advice } = await strengthOf(passphrase);
  expect(grade).toBe('weak');
  expect(says).toMatch(/guesses it in less than a minute|guesses it in about \d+ (minutes|hours)/);
  expect(advice).toMatch(/well-known example/);
});

test('words that have nothing to do with each other are strong', async () => {
  expect(await strengthOf('gasket mauve pelican orbit thimble')).toEqual({
    grade: 'strong',
    says: 'Nobody guesses it by trying.',
    advice: '',
  });
});
