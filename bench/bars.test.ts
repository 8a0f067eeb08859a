import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atLeast, atMost, BARS_FILE, isMet, ratioOf, tell } from './bars.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-bars-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const PSQL = { what: 'psql', value: 10 };

test.each([
  ['at most, of the value', { value: 5, bar: atMost(5) }, true],
  ['more than that', { value: 5.01, bar: atMost(5) }, false],
  ['at least, of the value', { value: 70_000, bar: atLeast(70_000) }, true],
  ['less than that', { value: 69_999, bar: atLeast(70_000) }, false],
  ['at most, of the ratio', { value: 4.5, baseline: PSQL, bar: atMost(0.45, 'ratio') }, true],
  ['a ratio above it', { value: 5, baseline: PSQL, bar: atMost(0.45, 'ratio') }, false],
  ['a ratio below what it must be', { value: 6.9, baseline: PSQL, bar: atLeast(0.7, 'ratio') }, false],
  ['a baseline beside a bar of the value', { value: 6, baseline: PSQL, bar: atMost(5) }, false],
  ['no number', { value: Number.NaN, bar: atMost(5) }, false],
  ['nothing promised', { value: 5, baseline: PSQL }, undefined],
  [
    'no baseline to be had',
    { value: 5, baseline: { what: 'restic', value: 'not installed' }, bar: atMost(1, 'ratio') },
    undefined,
  ],
])('%s', (_, figure, met) => {
  expect(isMet({ what: 'writing', unit: 's', ...figure })).toBe(met);
});

test('the ratio is of the figure to its baseline', () => {
  expect(ratioOf({ what: 'writing', unit: 's', value: 5, baseline: PSQL })).toBe(0.5);
  expect(ratioOf({ what: 'writing', unit: 's', value: 5 })).toBeUndefined();
});

test('figures are told a line each to the file that is named, and nowhere where none is', () => {
  const file = join(folder, 'bars.ndjson');
  const figure = { what: 'writing', value: 5, unit: 's', bar: atMost(6) } as const;
  vi.stubEnv(BARS_FILE, undefined);
  tell(figure);
  vi.stubEnv(BARS_FILE, file);
  tell(figure, { what: 'start', notMeasured: 'no Electron' });
  tell();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    figure,
    { what: 'start', notMeasured: 'no Electron' },
  ]);
});
