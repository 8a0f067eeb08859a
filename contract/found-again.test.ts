import { expect, it } from 'vitest';
import { failureText } from './found-again.ts';

it('tells why a record failed, and then what stood there, each as a sentence', () => {
  expect(failureText('The answer was lost.', 'as-promised')).toBe(
    'The answer was lost. Read again afterwards, it is as promised.',
  );
  // As servers say it.
  expect(failureText('email: is taken', 'absent')).toBe(
    'email: is taken. Read again afterwards, it is not there.',
  );
  expect(failureText('email: is taken', undefined)).toBe('email: is taken');
});
