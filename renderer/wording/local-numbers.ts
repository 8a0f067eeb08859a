/** The engine's numbers from a thousand on, and those with a fraction, which stand before a unit; no version, no address, no id. */
const NUMBER =
  /(?<![\w.,:/-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+(?= (?:kB|MB|GB|TB|s|%)(?!\w)))(?![\w/-]|[.,]\d)/g;
/** What stands in quotes belongs to somebody else: a group may be called “1,000 Friends”. */
const QUOTED = /(“[^”]*”)/;

/**
 * A sentence of the engine, which writes “1,203” and “1.5 GB”, with the numbers as the system writes them: they stand beside
 * those of the windows, and a reader must not meet the same number as “1,203” and as “1.203”.
 *
 * @param numbers how the system writes them
 */
export function localNumbers(text: string, numbers: Intl.NumberFormat): string {
  if (!/\d[,.]\d/.test(text)) return text;
  return text
    .split(QUOTED)
    .map((part, nth) => (nth % 2 === 1 ? part : part.replace(NUMBER, (found) => rewritten(found, numbers))))
    .join('');
}

function rewritten(found: string, numbers: Intl.NumberFormat): string {
  // Digits behind the point stay as many as the engine has written.
  const [whole = '', fraction] = found.replaceAll(',', '').split('.');
  const point = numbers.formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';
  return numbers.format(Number(whole)) + (fraction === undefined ? '' : point + fraction);
}
