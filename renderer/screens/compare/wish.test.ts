import { expect, it } from 'vitest';
import { jobOf, queryOf, wishAgain, wishOf, type ComparisonWish } from './wish.ts';

it('is made again from its job as it was, of the snapshots that its sides became', () => {
  for (const [declared, extra] of [
    [false, false],
    [true, false],
    [true, true],
  ] as const) {
    const wish: ComparisonWish = { left: 'dev/acme', right: './a.json', declared, extra, variables: true };
    const compared = { left: 's1', right: 's2', ...(declared && { declaredOnly: true as const }) };
    const again = { left: 's1', right: 's2', declared, extra, variables: false };
    expect(wishAgain(compared, jobOf(wish))).toEqual(again);
    // As the window's address has it.
    expect(wishOf(new URLSearchParams(queryOf(again)))).toEqual(again);
  }
});
