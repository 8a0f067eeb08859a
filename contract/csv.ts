/**
 * What spreadsheets take for the beginning of a formula, full-width signs included: some read those as the plain ones. A tab
 * or a line break in front does not stop them.
 */
const FORMULA = /^[\s]*[=+\-@＝＋－＠\t\r]/;

/**
 * Rows as comma-separated values (RFC 4180). A field that a spreadsheet would
 * run as a formula gets an apostrophe in front, so that opening a report runs nothing.
 */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
