import { displayWidth, truncate } from './width.ts';
import { visible } from './visible.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns on the terminal that a cell may take at most. */
  readonly limit?: number;
}

/** A cell is data: it is made harmless here. `paint` colours what is already padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines of an aligned table, two spaces between columns, no rule lines: it stays readable in a log and with `awk`. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], indent = ''): string[] {
  const cells = rows.map((row) => columns.map((column, at) => fit(row[at] ?? '', column)));
  const widths = columns.map((column, at) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[at]!.text))),
  );
  const titles = columns.map((column) => ({ text: column.title, paint: unpainted }));
  const titled = columns.some((column) => column.title !== '');
  return [...(titled ? [titles] : []), ...cells].map((row) => indent + line(row, columns, widths));
}

interface FittedCell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

function fit(cell: Cell, column: Column): FittedCell {
  const { text, paint } = typeof cell === 'string' ? { text: cell, paint: unpainted } : cell;
  const harmless = visible(text);
  return { text: column.limit === undefined ? harmless : truncate(harmless, column.limit), paint };
}

function line(row: readonly FittedCell[], columns: readonly Column[], widths: readonly number[]): string {
  const last = row.findLastIndex((cell) => cell.text !== '');
  return row
    .slice(0, last + 1)
    .map((cell, at) => {
      const gap = ' '.repeat(widths[at]! - displayWidth(cell.text));
      if (columns[at]!.align === 'right') return gap + cell.paint(cell.text);
      return cell.paint(cell.text) + (at === last ? '' : gap);
    })
    .join('  ');
}

function unpainted(text: string): string {
  return text;
}
