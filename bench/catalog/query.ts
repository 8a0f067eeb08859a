/**
 * Looking things up in a catalog of large snapshots: one user, what changed, and the proof of every byte.
 *
 *   npx node bench/catalog/query.ts [--users 1000000] [--lookups 5000]
 */
import { parseArgs } from 'node:util';
import { diffSnapshots } from '../../core/compare/diff-snapshots.ts';
import { snapshotSides } from '../../core/jobs/snapshot-sides.ts';
import { atMost, tell } from '../bars.ts';
import { median } from '../report.ts';
import { Population, userName } from './population.ts';
import { capture, scratchCatalog, Stopwatch } from './scratch-catalog.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, lookups: { type: 'string', default: '5000' } },
});
const users = Number(values.users);
const changed = Math.min(1000, users / 10);
const ROUNDS = 3;
const GENERATIONS = 8;

using catalog = scratchCatalog();
const { store } = catalog;
const population = new Population(users, 0);
const ids: string[] = [];
for (let generation = 0; generation <= GENERATIONS; generation++) {
  if (generation > 0) population.updateUsers(changed);
  const { manifest, effort } = await capture(catalog, population, ['users']);
  ids.push(manifest.id);
  process.stderr.write(`snapshot ${generation}: ${effort.seconds.toFixed(1)} s\n`);
}
const [first, second] = [ids[0]!, ids[1]!];
const last = ids.at(-1)!;

const rows: Record<string, string | number>[] = [];
/** Seconds of each round, by what took them. */
const judged = new Map<string, { readonly seconds: number[]; readonly allowed: number }>();
for (let round = 1; round <= ROUNDS; round++) {
  await lookUp('in the first snapshot', first);
  await lookUp(`in snapshot ${GENERATIONS}, the end of the chains`, last);
  await timed(`differences of two snapshots, ${changed} changed`, 1, () => differences(first, second));
  await timed('verify one snapshot', 2.5, async () => (await store.verify(first)).damaged.length);
  await timed(
    `verify all ${GENERATIONS + 1}`,
    undefined,
    async () => (await store.verify(undefined)).damaged.length,
  );
  await timed('read the last snapshot whole', undefined, () => readWhole(last));
}
console.log(
  `${users} users, ${(store.get(first).summaries.users!.bytes / 1e6).toFixed(0)} MB of canonical lines`,
);
console.table(rows);
for (const [what, { seconds, allowed }] of judged)
  tell(
    what.startsWith('look up')
      ? { what: `${what}, p99`, value: median(seconds) * 1_000, unit: 'ms', bar: atMost(allowed * 1_000) }
      : { what, value: median(seconds), unit: 's', bar: atMost(allowed) },
  );
console.log(`Peak memory of the process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);

async function lookUp(where: string, snapshot: string): Promise<void> {
  const taken: number[] = [];
  const watch = new Stopwatch();
  await watch.time(() => {
    for (let i = 0; i < Number(values.lookups); i++) {
      const name = userName(Math.floor(Math.random() * users));
      const started = performance.now();
      if (store.find(snapshot, 'users', name)?.key !== name) throw new Error(`${name} was not found.`);
      taken.push(performance.now() - started);
    }
  });
  taken.sort((a, b) => a - b);
  const at = (part: number) => taken[Math.floor(taken.length * part)]!;
  row(
    `look up a user ${where}`,
    `p50 ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms`,
    watch.cpu,
    at(0.99) / 1000,
    0.01,
  );
}

async function timed(what: string, allowed: number | undefined, work: () => Promise<number>): Promise<void> {
  const watch = new Stopwatch();
  const result = await watch.time(work);
  row(what, `${watch.seconds.toFixed(2)} s (${result})`, watch.cpu, watch.seconds, allowed);
}

function row(what: string, took: string, cpu: number, seconds: number, allowed: number | undefined): void {
  if (allowed !== undefined) {
    const known = judged.get(what) ?? { seconds: [], allowed };
    judged.set(what, known);
    known.seconds.push(seconds);
  }
  const met = allowed === undefined ? '' : seconds <= allowed ? 'yes' : 'NO';
  rows.push({
    what,
    took,
    'CPU s': cpu.toFixed(2),
    allowed: allowed === undefined ? '' : `${allowed} s`,
    met,
  });
}

async function differences(left: string, right: string): Promise<number> {
  let found = 0;
  for await (const part of diffSnapshots(
    snapshotSides(store, store.get(left)),
    snapshotSides(store, store.get(right)),
  ))
    if (part.kind === 'differences') found += part.records.length;
  return found;
}

async function readWhole(snapshot: string): Promise<number> {
  let records = 0;
  for await (const batch of store.read(snapshot, 'users')) records += batch.length;
  return records;
}
