/** Between these two lines of docs/benchmarks.md stands what `npm run bench` writes; the rest is written by hand. */
const BEGIN = '<!-- written by `npm run bench`: begin -->';
const END = '<!-- written by `npm run bench`: end -->';

/** @throws Error when the page does not have both lines, once each and in this order */
export function writtenPart(page: string): string {
  const [begin, end] = placesIn(page);
  return page.slice(begin, end).trim();
}

/**
 * The page with this between its two lines, everything else as it was.
 *
 * @throws Error when the page does not have both lines, once each and in this order
 */
export function withWrittenPart(page: string, part: string): string {
  const [begin, end] = placesIn(page);
  return `${page.slice(0, begin)}\n\n${part.trim()}\n\n${page.slice(end)}`;
}

/** Where the first line ends, and where the second one begins. */
function placesIn(page: string): [number, number] {
  const [before, inside, ...more] = page.split(BEGIN);
  const at = page.indexOf(END);
  if (inside === undefined || more.length > 0 || at < before!.length || page.lastIndexOf(END) !== at)
    throw new Error(
      `The page was not changed: it must have these two lines, once each and in this order: ${BEGIN} and ${END}.`,
    );
  return [before!.length + BEGIN.length, at];
}
