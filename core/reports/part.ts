import type { Fact } from './facts.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** A cell that is more than text: its tint says good or bad at a glance, beside what it says in words. */
export interface TintedCell {
  readonly text: string;
  readonly tint: 'good' | 'warning' | 'bad' | 'quiet';
}
export type Cell = string | TintedCell;

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: Iterable<readonly Cell[][]> | AsyncIterable<readonly Cell[][]>;
  /** Said below, once the rows have been read. */
  readonly after?: () => string | undefined;
}

/** One part of a report for people, in the order in which it is read. Empty ones are left out. */
export interface Part {
  readonly title: string;
  readonly tint?: 'good' | 'warning' | 'bad';
  readonly paragraphs?: readonly string[];
  readonly list?: readonly string[];
  readonly facts?: readonly Fact[];
  readonly table?: Table;
}
