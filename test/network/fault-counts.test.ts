import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { countsOf, kindsText, tableRow } from './fault-counts.ts';
import { FAULTS, type Fault } from './fault-proxy.ts';

const none = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;

it('docs/network.md says of every kind of fault what it is', () => {
  const page = readFileSync(new URL('../../docs/network.md', import.meta.url), 'utf8');
  expect(FAULTS.filter((fault) => !page.includes(`\`${fault}\``))).toEqual([]);
});

it('several networks are told as one', () => {
  const counts = countsOf([
    { calls: 1_500, failed: 20, met: { ...none, 'reset-before': 20, latency: 3 } },
    { calls: 500, failed: 1, met: { ...none, burst: 1 } },
  ]);
  expect(kindsText(counts)).toBe('latency 3, reset-before 20, burst 1');
  expect(tableRow({ ...counts, what: 'import', retries: 19, result: 'none twice' })).toBe(
    '| import | 2,000 | 21 (1.1 %) | latency 3, reset-before 20, burst 1 | 19 | none twice |',
  );
});
