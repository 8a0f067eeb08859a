import { expect, it } from 'vitest';
import { findingsApart, sourceFinding } from './source-findings.ts';

it('tells what is known of the source from what there is to do on the target', () => {
  const todo = 'One password was lost: set another one on the target, or have the user reset it.';
  expect(findingsApart([sourceFinding('160 role mappings were left out.'), todo])).toEqual({
    ofSource: ['160 role mappings were left out.'],
    others: [todo],
  });
});
