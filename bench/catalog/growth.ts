/**
 * What one snapshot after another costs on disk and in time, beside restic on the same lines.
 *
 *   npx node bench/catalog/growth.ts [--users 1000000] [--without-credentials] [--without-restic]
 */
import { parseArgs } from 'node:util';
import type { Section } from '../../core/model/sections.ts';
import { Population } from './population.ts';
import { openRestic } from './restic.ts';
import { capture, peakMemory, scratchCatalog } from './scratch-catalog.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    'without-credentials': { type: 'boolean', default: false },
    'without-restic': { type: 'boolean', default: false },
  },
});
const users = Number(values.users);
const few = Math.min(1000, users / 10);
const many = Math.min(10_000, users / 2);
const sections: Section[] = values['without-credentials'] ? ['users'] : ['users', 'credentials'];
const GENERATIONS = 10;

/** The promise: bytes for each changed user, and beside them for a snapshot. */
const budget = (changed: number) => 300 * changed + 64 * 1024;

interface Step {
  readonly what: string;
  readonly change: (population: Population) => void;
  /** Bytes the catalog may grow by; undefined: it costs what it must. */
  readonly allowed?: number;
}

const steps: Step[] = [
  { what: 'first', change: () => undefined },
  { what: 'unchanged', change: () => undefined, allowed: 100 * 1024 },
  { what: `${few} updated`, change: (p) => p.updateUsers(few), allowed: budget(few) },
  { what: `${many} updated`, change: (p) => p.updateUsers(many), allowed: budget(many) },
  { what: `${few} inserted`, change: (p) => p.insertUsers(few), allowed: budget(few) },
  { what: `${many} inserted`, change: (p) => p.insertUsers(many), allowed: budget(many) },
  { what: `${few} deleted`, change: (p) => p.deleteUsers(few), allowed: budget(few) },
  ...Array.from({ length: GENERATIONS }, (_, i) => ({
    what: `generation ${i + 1}: ${few} updated`,
    change: (p: Population) => p.updateUsers(few),
    allowed: budget(few),
  })),
];
if (sections.includes('credentials'))
  steps.push({ what: 'every password hash rotated', change: (p) => p.rotateAllHashes() });

using catalog = scratchCatalog();
const restic = values['without-restic'] ? undefined : openRestic(catalog);
const population = new Population(users, few + many);
const rows: Record<string, string | number>[] = [];
let before = catalog.size();
for (const { what, change, allowed } of steps) {
  change(population);
  const { manifest, effort } = await capture(catalog, population, sections);
  const size = catalog.size();
  const grown = size - before;
  const contender = await restic?.backup(manifest.id);
  before = size;
  const records = sections.reduce((sum, section) => sum + (manifest.summaries[section]?.count ?? 0), 0);
  rows.push({
    snapshot: what,
    grown: inBytes(grown),
    allowed: allowed === undefined ? '' : inBytes(allowed),
    met: allowed === undefined ? '' : grown <= allowed ? 'yes' : 'NO',
    'restic grown': contender ? inBytes(contender.grown) : 'not installed',
    seconds: effort.seconds.toFixed(1),
    'CPU s': effort.cpu.toFixed(1),
    'records/s': Math.round(records / effort.seconds),
    'restic s': contender?.seconds.toFixed(1) ?? '',
  });
  process.stderr.write(`${what}: ${inBytes(grown)} in ${effort.seconds.toFixed(1)} s\n`);
}
const { summaries } = catalog.store.list()[0]!;
const bytes = sections.reduce((sum, section) => sum + (summaries[section]?.bytes ?? 0), 0);
console.log(`${users} users, ${sections.join(' and ')}: ${inBytes(bytes)} of canonical lines a snapshot`);
console.table(rows);
console.log(`Peak memory while snapshots were written: ${Math.round(peakMemory / 1e6)} MB`);

function inBytes(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(2)} MB` : `${(count / 1e3).toFixed(1)} kB`;
}
