/**
 * What spreadsheets take for the beginning of a formula, full-width signs included: some read those as the plain ones. A tab
 * or a line break in front does not stop them.
 */
const FORMULA = /^[\s]*[=+\-@＝＋－＠\t\r]/;
const SIGN = /^[=+\-@＝＋－＠]/;

/**
 * Where a cell may begin in the midst of a field. In many countries spreadsheets split at semicolons; to these, quotes that
 * do not stand behind a semicolon are part of the text, and enclose neither the semicolons nor the line breaks between them.
 */
const MAY_BEGIN = /[;\t\r\n][\s";]*/g;

/**
 * Rows as comma-separated values (RFC 4180). A field that a spreadsheet would run as a formula gets an apostrophe in front,
 * so that opening a report runs nothing; and so does what it would run if it split the fields at semicolons or tabs.
 */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(text: string): string {
  const split = text.replace(MAY_BEGIN, (run, at: number) =>
    SIGN.test(text.slice(at + run.length, at + run.length + 1)) ? withApostrophe(run) : run,
  );
  const harmless = FORMULA.test(text) ? `'${split}` : split;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Behind the last place where a cell may begin. */
function withApostrophe(run: string): string {
  const at = 1 + Math.max(...[';', '\t', '\r', '\n'].map((separator) => run.lastIndexOf(separator)));
  return `${run.slice(0, at)}'${run.slice(at)}`;
}
