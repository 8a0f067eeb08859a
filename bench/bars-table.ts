import { isMet, ratioOf, type Figure, type Told, type Unit } from './bars.ts';

/** What one measurement told, and how it was taken. */
export interface Measured {
  /** As `--only` knows it. */
  readonly name: string;
  readonly title: string;
  /** 0: there are none in it. */
  readonly users: number;
  /** For how many the bars are set. */
  readonly promised: number;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** Of the program: "a7c9a1f". */
  readonly commit: string;
  readonly minutes: number;
  readonly told: readonly Told[];
}

/** The rows of one measurement, the first of which names it. Kept as they are when only others are taken again. */
export interface Block {
  readonly name: string;
  readonly rows: readonly string[];
}

const HEADS = ['what', 'measured', 'baseline', 'ratio', 'bar', ''];
const NAMED = /^\| \*\*.*\*\* \(`([a-z-]+)`\)/;

export function blockOf({ name, title, users, promised, date, commit, minutes, told }: Measured): Block {
  const taken = [
    ...(users === 0 ? [] : [`${users.toLocaleString('en')} users`]),
    ...(users < promised ? [`**the bars are for ${promised.toLocaleString('en')}**`] : []),
    date,
    commit,
    `${minutes.toFixed(1)} min`,
  ].join(', ');
  return {
    name,
    rows: [
      row([`**${title}** (\`${name}\`): ${taken}`, '', '', '', '', '']),
      ...told.map((each) => rowOf(each)),
    ],
  };
}

/** One table of all. */
export function tableOf(blocks: readonly Block[]): string[] {
  return [row(HEADS), row(HEADS.map(() => '---')), ...blocks.flatMap(({ rows }) => rows)];
}

/** What stands in such a table; lines around it are no matter. */
export function blocksIn(lines: readonly string[]): Block[] {
  const blocks: { name: string; rows: string[] }[] = [];
  for (const line of lines) {
    const name = NAMED.exec(line)?.[1];
    if (name !== undefined) blocks.push({ name, rows: [line] });
    else if (line.startsWith('| ')) blocks.at(-1)?.rows.push(line);
  }
  return blocks;
}

/** In the order of the names: what was taken now, else what stood there; else a row that says that there is nothing. */
export function joined(
  wanted: readonly { readonly name: string; readonly title: string }[],
  earlier: readonly Block[],
  now: readonly Block[],
): Block[] {
  return wanted.map(({ name, title }) => {
    const block = [...now, ...earlier].find((one) => one.name === name);
    return (
      block ?? {
        name,
        rows: [row([`**${title}** (\`${name}\`)`, 'not measured: not run yet', '', '', '', ''])],
      }
    );
  });
}

function rowOf(told: Told): string {
  if ('notMeasured' in told) return row([told.what, `not measured: ${told.notMeasured}`, '', '', '', '']);
  const { what, value, unit, baseline } = told;
  const ratio = ratioOf(told);
  return row([
    what,
    beside(limitOf(told, 'value'), value, unit),
    baseline === undefined
      ? ''
      : `${baseline.what}: ${typeof baseline.value === 'number' ? inUnit(baseline.value, unit) : baseline.value}`,
    ratio === undefined ? '' : beside(limitOf(told, 'ratio'), ratio, '×'),
    barOf(told),
    verdict(told),
  ]);
}

/** With more digits where the usual ones are those of the bar: a hair's breadth to either side of it is to be seen. */
function beside(limit: number | undefined, value: number, unit: Unit): string {
  const usual = inUnit(value, unit);
  if (limit === undefined || value === limit || usual !== inUnit(limit, unit)) return usual;
  return unit === '×' ? `${value.toFixed(4)} ×` : unit === 'MB' ? `${value.toFixed(1)} MB` : usual;
}

function limitOf({ bar }: Figure, of: 'ratio' | 'value'): number | undefined {
  const isOfIt = (bar?.of === 'ratio') === (of === 'ratio');
  return isOfIt ? (bar?.atMost ?? bar?.atLeast) : undefined;
}

function barOf({ bar, unit }: Figure): string {
  if (bar === undefined) return 'none set';
  const limit = bar.atMost ?? bar.atLeast ?? Number.NaN;
  return `${bar.atMost === undefined ? '≥' : '≤'} ${bar.of === 'ratio' ? `${limit} ×` : inUnit(limit, unit)}`;
}

function verdict(figure: Figure): string {
  const met = isMet(figure);
  if (met !== undefined) return met ? 'pass' : '**short**';
  return figure.bar === undefined ? '' : 'not measured';
}

function inUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return value >= 1e6 ? `${(value / 1e6).toFixed(2)} MB` : `${(value / 1e3).toFixed(1)} kB`;
    case 'users/s':
      return `${Math.round(value).toLocaleString('en')} users/s`;
    case 'MB':
      return `${value.toFixed(0)} MB`;
    case 's':
      return value < 0.1 ? inUnit(value * 1_000, 'ms') : `${trimmed(value, 2)} s`;
    case 'ms':
      return `${value < 20 ? trimmed(value, 1) : Math.round(value).toLocaleString('en')} ms`;
    case '×':
      return `${value.toFixed(value < 0.1 ? 3 : 2)} ×`;
  }
}

/** So many digits, but none that say nothing: "5", "2.5". */
function trimmed(value: number, digits: number): string {
  return value
    .toFixed(digits)
    .replace(/\.0+$/, '')
    .replace(/(\.\d*?)0+$/, '$1');
}

/** A stroke in a cell would begin another one. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('\n', ' ').replaceAll(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
}
