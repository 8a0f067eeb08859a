import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longScroll, offsetToShow } from './long-scroll.ts';

/** What Chromium lays out at most, in physical pixels. */
const LIMIT = 33_554_431;

describe('the scroll of a long list', () => {
  it('is one to one for a million rows of 32 px', () => {
    expect(longScroll(32_000_000, 600, 1)).toEqual({ height: 32_000_000, factor: 1 });
  });

  it('stays within what a browser can lay out, and its end is the end of the list', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e10 }),
        fc.integer({ min: 0, max: 3_000 }),
        fc.constantFrom(0.5, 1, 1.25, 2, 3),
        (list, viewport, ratio) => {
          const { height, factor } = longScroll(list, viewport, ratio);
          expect(height * ratio).toBeLessThanOrEqual(LIMIT);
          expect(factor).toBeGreaterThanOrEqual(1);
          if (list > viewport) expect((height - viewport) * factor).toBeCloseTo(list - viewport, 3);
        },
      ),
    );
  });
});

it('moves no further than it has to', () => {
  const row = { index: 10, height: 32 };
  expect(offsetToShow(row, 400, 300)).toBe(320);
  expect(offsetToShow(row, 0, 300)).toBe(52);
  expect(offsetToShow(row, 100, 300)).toBe(100);
});
