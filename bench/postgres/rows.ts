import { loadavg } from 'node:os';
import { atMost, tell } from '../bars.ts';
import { median, printTable } from '../report.ts';

/** One line of a bench's table. Times are seconds by the clock, one of each round. */
export interface Row {
  readonly what: string;
  readonly seconds: readonly number[];
  /** Of our own process, all threads. */
  readonly cpuSeconds?: readonly number[];
  readonly peakMb?: readonly number[];
  /** What it is held against. */
  readonly baseline?: { readonly what: string; readonly seconds: number };
  /** At most so many times the baseline's seconds. */
  readonly bar?: number;
  /** At most so many megabytes. */
  readonly memoryBar?: number;
}

/** Prints medians, every round's seconds, and how each row stands to its bars; tells those that have one. */
export function printRows(rows: readonly Row[]): void {
  const heads = ['what', 'seconds (rounds)', 'CPU s', 'peak MB', 'against', 'ratio', 'bar', ''];
  printTable(
    heads,
    rows.map((row) => {
      const seconds = median(row.seconds);
      const ratio = row.baseline && seconds / row.baseline.seconds;
      const peak = row.peakMb && Math.max(...row.peakMb);
      const bars = [
        row.bar === undefined ? '' : `≤ ${row.bar} ×`,
        row.memoryBar === undefined ? '' : `≤ ${row.memoryBar} MB`,
      ];
      return [
        row.what,
        `${seconds.toFixed(2)} (${row.seconds.map((one) => one.toFixed(2)).join(', ')})`,
        row.cpuSeconds ? median(row.cpuSeconds).toFixed(2) : '',
        peak === undefined ? '' : peak.toFixed(0),
        row.baseline ? `${row.baseline.what}: ${row.baseline.seconds.toFixed(2)} s` : '',
        ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
        bars.filter((bar) => bar !== '').join(', '),
        verdict(row, ratio, peak),
      ];
    }),
  );
  for (const row of rows) judge(row);
  const [load] = loadavg();
  process.stdout.write(`\nLoad average at the end: ${load!.toFixed(1)}.\n`);
}

function judge({ what, seconds, peakMb, baseline, bar, memoryBar }: Row): void {
  const plain = what.replaceAll('**', '');
  if (bar !== undefined && baseline)
    tell({
      what: plain,
      value: median(seconds),
      unit: 's',
      baseline: { what: baseline.what, value: baseline.seconds },
      bar: atMost(bar, 'ratio'),
    });
  if (memoryBar !== undefined && peakMb)
    tell({ what: `${plain}: peak memory`, value: Math.max(...peakMb), unit: 'MB', bar: atMost(memoryBar) });
}

function verdict(row: Row, ratio: number | undefined, peak: number | undefined): string {
  if (row.bar === undefined && row.memoryBar === undefined) return '';
  const slow = row.bar !== undefined && ratio !== undefined && ratio > row.bar;
  const large = row.memoryBar !== undefined && peak !== undefined && peak > row.memoryBar;
  return slow || large ? '**short**' : 'pass';
}
