/** Of the 33,554,431 px up to which Chromium lays out, in physical pixels. */
const TALLEST = 32_000_000;

/**
 * A list that is taller than a browser can lay out, in an element that is not: one pixel of the scroll bar then stands for
 * `factor` pixels of the list. Up to a million rows of 32 px it is 1, as long as the page is not zoomed.
 */
export interface LongScroll {
  /** Of the element that scrolls within `viewport`. CSS pixels. */
  readonly height: number;
  readonly factor: number;
}

export function longScroll(listHeight: number, viewport: number, pixelRatio: number): LongScroll {
  const height = Math.min(listHeight, Math.floor(TALLEST / Math.max(pixelRatio, 1)));
  const way = height - viewport;
  // The end of the bar is the end of the list.
  return { height, factor: height === listHeight || way <= 0 ? 1 : (listHeight - viewport) / way };
}

/** Where to scroll so that a row is wholly seen, with as little movement as possible; in pixels of the list. */
export function offsetToShow(
  row: { readonly index: number; readonly height: number },
  offset: number,
  viewport: number,
): number {
  const top = row.index * row.height;
  if (top < offset) return top;
  if (top + row.height > offset + viewport) return top + row.height - viewport;
  return offset;
}
