import { Checkbox, Skeleton } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import classes from './virtual-table.module.css';

export interface TableColumn<Row> {
  /** Unique in the table. */
  readonly id: string;
  readonly title: string;
  /** A track of a CSS grid: `120px`, `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly align?: 'end';
  /** One line; texts of a realm go through Foreign. */
  readonly cell: (row: Row, index: number) => ReactNode;
}

/** What a row tells its table. The same object as long as the table stands. */
export interface RowActs<Row> {
  readonly open: (row: Row, index: number) => void;
  readonly toggle: (row: Row, index: number) => void;
}

export interface RowBox {
  readonly label: string;
  readonly checked: boolean;
}

interface TableRowProps<Row> {
  readonly id: string;
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly TableColumn<Row>[];
  readonly active: boolean;
  readonly opens: boolean;
  /** Undefined: rows of this table are not selected; null: this one cannot be. */
  readonly box: RowBox | null | undefined;
  readonly look: string | undefined;
  readonly acts: RowActs<Row>;
}

function DrawnRow<Row>({ id, row, index, columns, active, opens, box, look, acts }: TableRowProps<Row>) {
  return (
    // The grid has the keyboard: a row is its active descendant, and a click is a shorter way.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={box === undefined ? active : box?.checked === true}
      data-active={active || undefined}
      data-opens={opens || undefined}
      className={`${classes.line} ${look ?? ''}`}
      onClick={() => acts.open(row, index)}
    >
      {box && (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
        <div role="gridcell" className={classes.cell} onClick={(event) => event.stopPropagation()}>
          <Checkbox
            size="xs"
            tabIndex={-1}
            aria-label={box.label}
            checked={box.checked}
            onChange={() => acts.toggle(row, index)}
          />
        </div>
      )}
      {box === null && <div role="gridcell" aria-label="No choice" className={classes.cell} />}
      {columns.map(({ id: column, align, cell }) => (
        <div key={column} role="gridcell" className={classes.cell} data-align={align}>
          {cell(row, index)}
        </div>
      ))}
    </div>
  );
}

/** Of the rows that are seen, scrolling by one draws one anew. */
export const TableRow = memo(DrawnRow, (before, after) => {
  const { box: boxBefore, ...rest } = before;
  const { box, ...props } = after;
  return (
    boxBefore?.checked === box?.checked &&
    boxBefore?.label === box?.label &&
    (Object.keys(props) as (keyof typeof props)[]).every((name) => props[name] === rest[name])
  );
}) as typeof DrawnRow;

/** Stands where a row will be, until its page is loaded. */
export function SkeletonRow({
  index,
  columns,
  selects,
}: {
  index: number;
  columns: readonly { readonly id: string }[];
  selects: boolean;
}) {
  return (
    <div role="row" aria-rowindex={index + 2} className={classes.line}>
      {selects && <SkeletonCell width={50} />}
      {columns.map(({ id }, nth) => (
        <SkeletonCell key={id} width={80 - ((index * 13 + nth * 29) % 45)} />
      ))}
    </div>
  );
}

/** @param width of the cell, in hundredths */
function SkeletonCell({ width }: { width: number }) {
  return (
    <div role="gridcell" aria-label="Loading" className={classes.cell}>
      <Skeleton height={10} width={`${width}%`} animate={false} />
    </div>
  );
}
