/** What spreadsheets take for the beginning of a formula; white space in front does not stop them. */
const FORMULA = /^\s*[=+\-@]/;

/**
 * One row of comma-separated values (RFC 4180). A field that a spreadsheet would run as a formula gets an apostrophe in front,
 * so that opening the file runs nothing.
 */
export function csvRow(fields: readonly string[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

function field(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
