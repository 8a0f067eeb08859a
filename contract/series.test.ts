import { expect, test } from 'vitest';
import { seriesKey, seriesName, seriesOf, takenAt, type ComesFrom } from './series.ts';

const archived = { environment: 'prod', finishedAt: '2026-01-01T00:00:00Z' };
const EACH: readonly [ComesFrom, string][] = [
  [{ environment: 'prod', realm: 'acme' }, 'prod/acme'],
  [{ environment: 'dev', realm: 'acme' }, 'dev/acme'],
  [{ realm: 'acme' }, 'acme (files)'],
  [{ realm: 'acme', archived }, 'prod/acme (archives)'],
  [{ realm: 'acme', archived: { environment: 'dev' } }, 'dev/acme (archives)'],
  [{ realm: 'acme', archived: {} }, 'acme (archives)'],
  [{ realm: 'acme', pseudonymized: { environment: 'prod' } }, 'prod/acme (pseudonymised)'],
  [
    { realm: 'acme', archived: {}, pseudonymized: { environment: 'prod' } },
    'prod/acme (pseudonymised, archives)',
  ],
];

test.each(EACH)('%j is of the series %s', (snapshot, name) => {
  expect(seriesName(seriesOf(snapshot))).toBe(name);
});

test('no two of these are one series, though the realm has the same name', () => {
  expect(new Set(EACH.map(([snapshot]) => seriesKey(snapshot))).size).toBe(EACH.length);
});

test('what an archive brought was taken when it was taken there', () => {
  expect(takenAt({ finishedAt: '2026-06-01T00:00:00Z', archived })).toBe('2026-01-01T00:00:00Z');
  expect(takenAt({ finishedAt: '2026-06-01T00:00:00Z' })).toBe('2026-06-01T00:00:00Z');
});
