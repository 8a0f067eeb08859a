import { describe, expect, it } from 'vitest';
import { stepsOf } from './pages.ts';
import { firstDifference, pairedIds, refreshed } from './printed.ts';

const PAGE = ['Plan 84nhq8gvm1b3 of 2026-11-29 19:16:59 UTC', '  roles   4', '…', 'Took 1.2 s.'];
const PRINTED = ['Plan zfywz5pdrmrj of 2027-01-02 03:04:05 UTC', '  roles      4', 'a', 'b', 'Took 31 s.'];

describe('what a page shows of what is printed', () => {
  it('may have other ids, times and distances, and leave lines out where it says so', () => {
    expect(firstDifference(PAGE, PRINTED)).toBeUndefined();
    expect(
      firstDifference(PAGE, [...PRINTED, 'Reading users: 4 of 9 users (44 %), 9 users/s']),
    ).toBeUndefined();
    expect(pairedIds(PAGE, PRINTED)).toEqual([['84nhq8gvm1b3', 'zfywz5pdrmrj']]);
    expect(refreshed(PAGE, PRINTED)).toEqual([PRINTED[0], PRINTED[1], '…', PRINTED[4]]);
  });

  it.each([
    ['another number', PRINTED.map((line) => line.replace('4', '5')), '  roles  4'],
    ['a line more at the end', [...PRINTED, 'Warning: something'], '(the end, before “Warning: something”)'],
    ['a line less', PRINTED.slice(0, -1), 'Took <duration>.'],
    ['a line more where none is left out', ['Warning: something', ...PRINTED], 'Plan <id> of <time>'],
  ])('is not: %s', (_what, printed, difference) => {
    expect(firstDifference(PAGE, printed)).toBe(difference);
  });

  it('is all of it: a fence that nobody runs is refused', () => {
    expect(() => stepsOf('```sh\ndrawbridge backup\n```\n')).toThrow('sh');
    expect(stepsOf('```console\n$ drawbridge a \\\n    b\nc\n\n$ d\n```\n')).toEqual([
      { kind: 'command', line: 'drawbridge a b', printed: ['c'] },
      { kind: 'command', line: 'd', printed: [] },
    ]);
  });
});
