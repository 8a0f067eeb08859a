import { Button } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { observeElementOffset, observeElementRect, useVirtualizer } from '@tanstack/react-virtual';
import {
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { ErrorNotice } from './error-notice.tsx';
import { longScroll, offsetToShow } from './long-scroll.ts';
import { useTablePages, type RowsAtHand, type RowSource } from './table-pages.ts';
import { SkeletonRow, TableRow, type RowActs, type RowBox, type TableColumn } from './virtual-table-row.tsx';
import classes from './virtual-table.module.css';

export type { TableColumn } from './virtual-table-row.tsx';

export interface RowSelection<Row> {
  /** Heads the column of the boxes: what it means that one is checked. */
  readonly title: string;
  /** Of that column: a track of a CSS grid. */
  readonly width: string;
  readonly isSelected: (row: Row) => boolean;
  /** Whether it has a box at all; by default every row. */
  readonly isSelectable?: (row: Row) => boolean;
  readonly toggle: (row: Row, index: number) => void;
  /** Of one row's box: "Include users/alice". */
  readonly label: (row: Row) => string;
}

export interface VirtualTableProps<Row> {
  /** What the table shows, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly source: RowSource<Row> | RowsAtHand<Row>;
  /** How many rows there are, where that is known before the first are loaded. */
  readonly total?: number | undefined;
  /** By Enter or a click. */
  readonly onOpen?: (row: Row, index: number) => void;
  /** A box in front of each row, which Space toggles. */
  readonly selection?: RowSelection<Row>;
  /** Where there are no rows. */
  readonly empty: ReactNode;
  /** Of every row; at most 32 where there may be a million. CSS pixels. */
  readonly rowHeight?: number;
  /** Below it the table scrolls sideways. CSS pixels. */
  readonly minWidth?: number;
  /** A look of its own for some rows, as a class. */
  readonly rowClass?: (row: Row) => string | undefined;
}

const HEADER_HEIGHT = 34;
/** Drawn while it is not known how many there are. */
const GUESSED_ROWS = 12;

/**
 * A table of any length, of which only what is seen is drawn and only what is around it is loaded. Fills the height that it
 * is given. Arrow keys, PageUp and PageDown, Home and End move in it, Enter opens, Space selects.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  // Another list begins at its top, with nothing of the old one.
  return <Table key={JSON.stringify(props.source.key)} {...props} />;
}

function Table<Row>({
  label,
  columns,
  source,
  total: given,
  onOpen,
  selection,
  empty,
  rowHeight = 32,
  minWidth = 560,
  rowClass,
}: VirtualTableProps<Row>) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const factor = useRef(1);
  const [seen, setSeen] = useState({ first: 0, last: GUESSED_ROWS });
  const [active, setActive] = useState(0);
  const pages = useTablePages(source, seen, given);
  const total = pages.total ?? (pages.error === null ? GUESSED_ROWS : 0);
  // Draws anew when the page is zoomed, which changes the pixel ratio.
  useViewportSize();

  // Nothing is memoized here: no compiler of React's is used.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    observeElementRect: (instance, tell) =>
      observeElementRect(instance, ({ width, height }) =>
        tell({ width, height: Math.max(height - HEADER_HEIGHT, 0) }),
      ),
    observeElementOffset: (instance, tell) =>
      observeElementOffset(instance, (offset, isScrolling) => tell(offset * factor.current, isScrolling)),
  });
  const viewport = virtualizer.scrollRect?.height ?? 0;
  const scroll = longScroll(total * rowHeight, viewport, window.devicePixelRatio);
  const offset = virtualizer.scrollOffset ?? 0;
  const items = virtualizer.getVirtualItems();
  const [firstItem, lastItem] = [items[0], items.at(-1)];
  const first = firstItem?.index ?? 0;
  const last = lastItem?.index ?? 0;
  if (firstItem && (seen.first !== first || seen.last !== last)) setSeen({ first, last });

  useLayoutEffect(() => {
    if (factor.current === scroll.factor) return;
    factor.current = scroll.factor;
    scroller.current?.dispatchEvent(new Event('scroll'));
  }, [scroll.factor]);

  const wishes = useRef({ onOpen, selection });
  useLayoutEffect(() => {
    wishes.current = { onOpen, selection };
  });
  const [acts] = useState<RowActs<Row>>(() => ({
    open(row, index) {
      setActive(index);
      wishes.current.onOpen?.(row, index);
    },
    toggle: (row, index) => toggle(wishes.current.selection, row, index),
  }));

  if (pages.total === 0 && pages.error === null) return empty;

  const move = (index: number): void => {
    const to = Math.min(Math.max(index, 0), total - 1);
    setActive(to);
    const wanted = offsetToShow({ index: to, height: rowHeight }, offset, viewport);
    if (scroller.current && wanted !== offset) scroller.current.scrollTop = wanted / scroll.factor;
  };
  const open = (index: number): void => {
    const row = pages.rowAt(index);
    if (row !== undefined) onOpen?.(row, index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return;
    const page = Math.max(Math.floor(viewport / rowHeight) - 1, 1);
    const row = pages.rowAt(active);
    const actions: Record<string, (() => void) | undefined> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page),
      PageUp: () => move(active - page),
      Home: () => move(0),
      End: () => move(total - 1),
      Enter: onOpen && (() => open(active)),
      ' ': selection && row !== undefined ? () => toggle(selection, row, active) : undefined,
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  const template = [...(selection ? [selection.width] : []), ...columns.map(({ width }) => width)].join(' ');
  const rowId = (index: number): string => `${id}-${index}`;
  const isDrawn = active >= first && active <= last && pages.rowAt(active) !== undefined;
  return (
    <div className={classes.table}>
      <ErrorNotice error={pages.error}>
        <Button size="compact-xs" variant="default" onClick={pages.retry}>
          Try again
        </Button>
      </ErrorNotice>
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={pages.total === undefined ? -1 : total + 1}
        aria-colcount={columns.length + (selection ? 1 : 0)}
        aria-busy={pages.loading}
        aria-multiselectable={selection ? true : undefined}
        aria-activedescendant={isDrawn ? rowId(active) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={
          {
            '--columns': template,
            '--row': `${rowHeight}px`,
            '--least': `${minWidth}px`,
            maxHeight: HEADER_HEIGHT + total * rowHeight + 2,
          } as CSSProperties
        }
      >
        <div role="rowgroup" className={classes.header}>
          <div role="row" aria-rowindex={1} className={classes.line}>
            {selection && (
              <div role="columnheader" className={classes.cell}>
                {selection.title}
              </div>
            )}
            {columns.map(({ id: column, title, align }) => (
              <div key={column} role="columnheader" className={classes.cell} data-align={align}>
                {title}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={classes.body} style={{ height: scroll.height }}>
          <div
            role="presentation"
            className={classes.drawn}
            style={{ top: (firstItem?.start ?? 0) - offset + offset / scroll.factor }}
          >
            {items.map(({ index }) => {
              const row = pages.rowAt(index);
              if (row === undefined)
                return (
                  <SkeletonRow
                    key={index}
                    index={index}
                    columns={columns}
                    selects={selection !== undefined}
                  />
                );
              return (
                <TableRow
                  key={index}
                  id={rowId(index)}
                  row={row}
                  index={index}
                  columns={columns}
                  active={index === active}
                  opens={onOpen !== undefined}
                  box={selection && boxOf(selection, row)}
                  look={rowClass?.(row)}
                  acts={acts}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function boxOf<Row>({ label, isSelected, isSelectable }: RowSelection<Row>, row: Row): RowBox | null {
  return isSelectable?.(row) === false ? null : { label: label(row), checked: isSelected(row) };
}

function toggle<Row>(selection: RowSelection<Row> | undefined, row: Row, index: number): void {
  if (selection?.isSelectable?.(row) !== false) selection?.toggle(row, index);
}
