import { expect, test } from 'vitest';
import { atLeast, atMost, type Told } from './bars.ts';
import { blockOf, blocksIn, joined, tableOf, type Measured } from './bars-table.ts';

const GROWTH = { name: 'growth', title: 'How the catalog grows' };
const START = { name: 'start', title: 'Starting' };

function measured(told: readonly Told[], more: Partial<Measured> = {}): Measured {
  const taken = {
    users: 1_000_000,
    promised: 1_000_000,
    date: '2026-11-29',
    commit: 'a7c9a1f',
    minutes: 3.25,
  };
  return { ...GROWTH, ...taken, told, ...more };
}

function rowsOf(...told: readonly Told[]): readonly string[] {
  return blockOf(measured(told)).rows.slice(1);
}

test('the first row names the measurement, and how it was taken', () => {
  expect(blockOf(measured([])).rows).toEqual([
    '| **How the catalog grows** (`growth`): 1,000,000 users, 2026-11-29, a7c9a1f, 3.3 min |  |  |  |  |  |',
  ]);
});

test('a measurement of fewer users than its bars are for says so; one without users names none', () => {
  expect(blockOf(measured([], { users: 2_000 })).rows[0]).toContain(
    '2,000 users, **the bars are for 1,000,000**, 2026',
  );
  expect(blockOf(measured([], { users: 0, promised: 0 })).rows[0]).toContain('(`growth`): 2026-11-29');
});

test('each figure has its baseline, its ratio, its bar and whether it is met', () => {
  expect(
    rowsOf(
      {
        what: 'writing',
        value: 48.1,
        unit: 's',
        baseline: { what: '`psql`', value: 63.1 },
        bar: atMost(1, 'ratio'),
      },
      {
        what: 'backup',
        value: 61_500,
        unit: 'users/s',
        baseline: { what: 'curl', value: 211_000 },
        bar: atLeast(70_000),
      },
      { what: 'memory', value: 320.6, unit: 'MB', bar: atMost(320) },
      { what: '1,000 updated', value: 143_000, unit: 'bytes', bar: atMost(365_536) },
      { what: 'every hash', value: 76_200_000, unit: 'bytes' },
      { what: 'unchanged', value: 0.004, unit: 's', baseline: { what: 'restic', value: 1 } },
      { what: 'search', value: 2_450, unit: 'ms', bar: atMost(2_000) },
      // A hair's breadth.
      { what: 'its memory', value: 320.4, unit: 'MB', bar: atMost(320) },
      {
        what: 'first',
        value: 7.602,
        unit: 's',
        baseline: { what: 'pg_dump', value: 16.88 },
        bar: atMost(0.45, 'ratio'),
      },
    ),
  ).toEqual([
    '| writing | 48.1 s | `psql`: 63.1 s | 0.76 × | ≤ 1 × | pass |',
    '| backup | 61,500 users/s | curl: 211,000 users/s | 0.29 × | ≥ 70,000 users/s | **short** |',
    '| memory | 321 MB |  |  | ≤ 320 MB | **short** |',
    '| 1,000 updated | 143.0 kB |  |  | ≤ 365.5 kB | pass |',
    '| every hash | 76.20 MB |  |  | none set |  |',
    '| unchanged | 4 ms | restic: 1 s | 0.004 × | none set |  |',
    '| search | 2,450 ms |  |  | ≤ 2,000 ms | **short** |',
    '| its memory | 320.4 MB |  |  | ≤ 320 MB | **short** |',
    '| first | 7.6 s | pg_dump: 16.88 s | 0.4504 × | ≤ 0.45 × | **short** |',
  ]);
});

test('what could not be measured stands there with the reason', () => {
  expect(
    rowsOf(
      {
        what: 'a year',
        value: 2_000,
        unit: 'bytes',
        baseline: { what: 'restic', value: 'not installed' },
        bar: atMost(1, 'ratio'),
      },
      { what: 'everything', notMeasured: 'install the package | or not' },
    ),
  ).toEqual([
    '| a year | 2.0 kB | restic: not installed |  | ≤ 1 × | not measured |',
    '| everything | not measured: install the package \\| or not |  |  |  |  |',
  ]);
});

test('rows of another run stay as they were, and what was never run says so', () => {
  const earlier = tableOf(
    joined([GROWTH, START], [], [blockOf(measured([{ what: 'first', value: 53_200_000, unit: 'bytes' }]))]),
  );
  expect(earlier).toContain('| **Starting** (`start`) | not measured: not run yet |  |  |  |  |');
  const start = blockOf(
    measured([{ what: 'content', value: 900, unit: 'ms', bar: atMost(1_500) }], {
      ...START,
      date: '2026-12-01',
    }),
  );
  const now = tableOf(joined([GROWTH, START], blocksIn(['Newest run.', '', ...earlier]), [start]));
  expect(now).toEqual([...earlier.slice(0, 4), ...start.rows]);
});

test('a measurement that is run again loses its earlier rows, and one that is there no more all of them', () => {
  const before = [
    blockOf(measured([{ what: 'first', value: 1, unit: 's' }])),
    blockOf(measured([], { name: 'gone', title: 'Gone' })),
  ];
  const again = blockOf(measured([{ what: 'second', value: 1, unit: 's' }]));
  expect(joined([GROWTH], blocksIn(tableOf(before)), [again])).toEqual([again]);
});
