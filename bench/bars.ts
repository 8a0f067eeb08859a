import { appendFileSync } from 'node:fs';

/** The variable that names the file in which run.ts collects what each measurement tells. */
export const BARS_FILE = 'DRAWBRIDGE_BENCH_BARS';

export type Unit = 's' | 'ms' | 'MB' | 'bytes' | 'users/s' | '×';

/** One figure of a measurement that something is promised of, or that stands beside another's. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** What it is held against, in the same unit; a text says why that could not be had. */
  readonly baseline?: { readonly what: string; readonly value: number | string };
  /** Undefined where nothing is promised. */
  readonly bar?: Bar;
}

/** A limit of the figure itself, or of its ratio to the baseline. */
export interface Bar {
  readonly of: 'value' | 'ratio';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A figure that should be here, and why it is not. */
export interface NotMeasured {
  readonly what: string;
  readonly notMeasured: string;
}

export type Told = Figure | NotMeasured;

/** At most so much; of its ratio to the baseline with `'ratio'`. */
export function atMost(limit: number, of: Bar['of'] = 'value'): Bar {
  return { of, atMost: limit };
}

/** At least so much; of its ratio to the baseline with `'ratio'`. */
export function atLeast(limit: number, of: Bar['of'] = 'value'): Bar {
  return { of, atLeast: limit };
}

/** Tells figures to run.ts; does nothing where a measurement runs alone, which prints a table of its own. */
export function tell(...figures: readonly Told[]): void {
  const file = process.env[BARS_FILE];
  if (file === undefined) return;
  appendFileSync(file, figures.map((figure) => `${JSON.stringify(figure)}\n`).join(''));
}

/** @returns undefined where it has no baseline, or that could not be had */
export function ratioOf({ value, baseline }: Figure): number | undefined {
  return typeof baseline?.value === 'number' ? value / baseline.value : undefined;
}

/** @returns undefined where nothing is promised, or the promise is of a baseline that could not be had */
export function isMet(figure: Figure): boolean | undefined {
  const { bar, value } = figure;
  const judged = bar?.of === 'ratio' ? ratioOf(figure) : value;
  if (bar === undefined || judged === undefined) return undefined;
  // What is no number was not measured, and meets nothing.
  return judged <= (bar.atMost ?? Infinity) && judged >= (bar.atLeast ?? -Infinity);
}
