/** A line that stands for any number of others. */
const LEFT_OUT = '…';
const ID = /\b[0-9a-hjkmnp-tv-z]{14}\b|\b[0-9a-hjkmnp-tv-z]{12}\b/g;

/** Told every five seconds of work, so that a slow machine has more of them. */
const PROGRESS = /^[A-Z][^:]*: [\d.,]+( [kMG]?B)?( of [\d.,]+)? \w+( \(\d+ %\))?(, .*)?$|; [\d,]+ s so far$/;

/** What differs from run to run, each with the word that stands for it. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [ID, '<id>'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d \d\d:\d\d/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?( UTC)?/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d\b/g, '<date>'],
  [/127\.0\.0\.1:\d+/g, '<address>'],
  [/\b[\d.,]+ (ms|s|min|h)\b/g, '<duration>'],
  [/\b[\d.,]+ (B|kB|MB|GB)\b/g, '<size>'],
  [/\b[\d.,]+ ?%/g, '<share>'],
  // Where chunks end is decided by the catalog's key.
  [/\b\d+ chunks?\b/g, '<chunks>'],
];

/** Lines with what differs from run to run masked, and columns with one distance. */
export function masked(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !PROGRESS.test(line))
    .map((line) => MASKS.reduce((text, [pattern, word]) => text.replace(pattern, word), line))
    .map((line) => line.replace(/(?<=\S) {2,}/g, '  ').trimEnd());
}

/**
 * Whether a command printed what a page shows: masked, and with lines left out where the page has a “…” of its own.
 *
 * @returns the first line of the page that was not printed
 */
export function firstDifference(page: readonly string[], printed: readonly string[]): string | undefined {
  const actual = masked(printed);
  let at = 0;
  let mayskip = false;
  for (const line of masked(page)) {
    if (line === LEFT_OUT) {
      mayskip = true;
      continue;
    }
    const found = mayskip ? actual.indexOf(line, at) : actual[at] === line ? at : -1;
    if (found < 0) return line;
    at = found + 1;
    mayskip = false;
  }
  return mayskip || at === actual.length ? undefined : `(the end, before “${actual[at]}”)`;
}

/** What a page shows, with the ids, times and sizes of what was printed. To be asked when there is no difference. */
export function refreshed(page: readonly string[], printed: readonly string[]): string[] {
  let at = 0;
  return page.flatMap((line) => {
    if (line === LEFT_OUT) return [line];
    const [wanted] = masked([line]);
    if (wanted === undefined) return [];
    at = printed.findIndex((one, i) => i >= at && masked([one])[0] === wanted) + 1;
    return printed.slice(at - 1, at);
  });
}

/** Which id of this run stands for which of the page: those at the same place of lines that are equal but for them. */
export function pairedIds(page: readonly string[], printed: readonly string[]): [string, string][] {
  const left = [...printed];
  return page.flatMap((line): [string, string][] => {
    const ids = line.match(ID) ?? [];
    if (ids.length === 0) return [];
    const [wanted] = masked([line]);
    const at = left.findIndex((one) => masked([one])[0] === wanted);
    if (at < 0) return [];
    const [found = ''] = left.splice(at, 1);
    const others = found.match(ID) ?? [];
    return ids.map((id, i) => [id, others[i] ?? id]);
  });
}
