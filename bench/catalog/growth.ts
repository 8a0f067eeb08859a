/**
 * What one snapshot after another costs on disk and in time, beside restic on the same lines.
 *
 *   npx node bench/catalog/growth.ts [--users 1000000] [--without-restic]
 *
 * First what the documented export gives, users without password hashes; then with a hash each, as PostgreSQL has them.
 */
import { parseArgs } from 'node:util';
import type { Section } from '../../core/model/sections.ts';
import { atMost, tell, type Figure } from '../bars.ts';
import { Population } from './population.ts';
import { openRestic } from './restic.ts';
import { capture, peakMemory, scratchCatalog } from './scratch-catalog.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    'without-restic': { type: 'boolean', default: false },
  },
});
const users = Number(values.users);
const few = Math.min(1000, users / 10);
const many = Math.min(10_000, users / 2);
const DOCUMENTED: readonly Section[] = ['users'];
const WITH_HASHES: readonly Section[] = ['users', 'credentials'];
const GENERATIONS = 10;

/** The promise: bytes for each changed user, and beside them for a snapshot. */
const budget = (changed: number) => 300 * changed + 64 * 1024;

interface Step {
  readonly what: string;
  readonly change: (population: Population) => void;
  readonly sections?: readonly Section[];
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
  { what: 'with a password hash each', change: () => undefined, sections: WITH_HASHES },
  {
    what: `${few} hashes changed`,
    change: (p) => p.rotateHashes(few),
    sections: WITH_HASHES,
    allowed: budget(few),
  },
  { what: `${few} inserted with hash`, change: (p) => p.insertUsers(few), sections: WITH_HASHES },
  { what: 'every password hash rotated', change: (p) => p.rotateHashes(), sections: WITH_HASHES },
];

using catalog = scratchCatalog();
const restic = values['without-restic'] ? undefined : openRestic(catalog);
const population = new Population(users, 2 * few + many);
const rows: Record<string, string | number>[] = [];
const grew: Figure[] = [];
let before = catalog.size();
for (const { what, change, sections = DOCUMENTED, allowed } of steps) {
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
    'restic grown': contender
      ? inBytes(contender.grown)
      : values['without-restic']
        ? 'left out'
        : 'not installed',
    seconds: effort.seconds.toFixed(1),
    'CPU s': effort.cpu.toFixed(1),
    'records/s': Math.round(records / effort.seconds),
    'restic s': contender?.seconds.toFixed(1) ?? '',
  });
  grew.push({
    what,
    value: grown,
    unit: 'bytes',
    baseline: {
      what: 'restic',
      value: contender?.grown ?? (values['without-restic'] ? 'left out' : 'not installed'),
    },
    ...(allowed !== undefined && { bar: atMost(allowed) }),
  });
  process.stderr.write(`${what}: ${inBytes(grown)} in ${effort.seconds.toFixed(1)} s\n`);
}
const [last] = catalog.store.list();
const bytes = (section: Section) => inBytes(last?.summaries[section]?.bytes ?? 0);
console.log(`${users} users: ${bytes('users')} of canonical lines; their hashes: ${bytes('credentials')}`);
console.table(rows);
const generations = grew.filter(({ what }) => what.startsWith('generation'));
const largest = generations.toSorted((a, b) => b.value - a.value)[0]!;
tell(...grew.filter((one) => !generations.includes(one)), {
  ...largest,
  what: `the largest of ${GENERATIONS} generations, ${few} updated in each`,
});
console.log(`Peak memory while snapshots were written: ${Math.round(peakMemory / 1e6)} MB`);

function inBytes(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(2)} MB` : `${(count / 1e3).toFixed(1)} kB`;
}
