import { expect, test } from 'vitest';
import { localNumbers } from './local-numbers.ts';

const german = new Intl.NumberFormat('de-DE');

test.each([
  ['1,203 users were written.', '1.203 users were written.'],
  ['It deletes the 1,234,567 of the target.', 'It deletes the 1.234.567 of the target.'],
  ['There are 1.5 GB free, 2,048.0 MB are needed.', 'There are 1,5 GB free, 2.048,0 MB are needed.'],
  ['It took 12.0 s.', 'It took 12,0 s.'],
  ['of 4,312, and 17.', 'of 4.312, and 17.'],
  // What is no number of ours.
  ['“1,000 Friends” is there twice, 1,000 times.', '“1,000 Friends” is there twice, 1.000 times.'],
  ['OpenGate 1.1.0 at 10.0.0.1:8080', 'OpenGate 1.1.0 at 10.0.0.1:8080'],
  ['version 15.18 of PostgreSQL', 'version 15.18 of PostgreSQL'],
  ['ids 12ab,345 and 1,23', 'ids 12ab,345 and 1,23'],
  ['the lines 1,5,7', 'the lines 1,5,7'],
])('%s', (said, shown) => {
  expect(localNumbers(said, german)).toBe(shown);
});

test('they stay what they are where the system writes them like that', () => {
  expect(localNumbers('1,203 users, 1.50 GB', new Intl.NumberFormat('en-US'))).toBe('1,203 users, 1.50 GB');
});
