/**
 * A year of daily backups, and pruning it: what it costs beside restic on the same lines, how long pruning takes, and how
 * long others wait meanwhile.
 *
 *   npx node bench/catalog/retention.ts [--users 100000] [--days 365] [--sections users,credentials] [--order key|none]
 *     [--without-restic]
 *
 * restic is given what it is best at: one document, in the catalog's own order, already written. Records come in that order
 * from a database; with `--order none` as over the Admin API, so that ours sorts them as well.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { retentionPolicy } from '../../contract/retention.ts';
import { judgeSnapshots, pruneSnapshots } from '../../core/jobs/prune.ts';
import { startJob, type JournalledContext } from '../../core/jobs/runner.ts';
import { emptyTrash } from '../../core/jobs/trash.ts';
import type { Section } from '../../core/model/sections.ts';
import { atMost, tell } from '../bars.ts';
import { Population } from './population.ts';
import { openRestic } from './restic.ts';
import { capture } from './scratch-catalog.ts';
import { yearCatalog } from './year-of-backups.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    days: { type: 'string', default: '365' },
    sections: { type: 'string', default: 'users,credentials' },
    order: { type: 'string', default: 'key' },
    'without-restic': { type: 'boolean', default: false },
  },
});
const days = Number(values.days);
const sections = values.sections.split(',') as Section[];
const DAY = 86_400_000;
const PRUNED = Math.round((days * 300) / 365);

using year = await yearCatalog(Date.UTC(2026, 0, 1, 2));
const { catalog } = year;
const restic = values['without-restic'] ? undefined : openRestic(year);
const population = new Population(Number(values.users), 0, { inOrder: values.order === 'key' });
const changed = Math.round(Number(values.users) / 1000);
const taken = { seconds: 0, resticSeconds: 0, first: 0, resticFirst: 0, restic: 0 };
for (let day = 0; day < days; day++) {
  if (day > 0) population.updateUsers(changed);
  year.clock += DAY;
  const { manifest, effort } = await capture(year, population, sections);
  const contender = await restic?.backup(manifest.id);
  taken.restic += contender?.grown ?? 0;
  if (day === 0) [taken.first, taken.resticFirst] = [year.size(), taken.restic];
  else {
    taken.seconds += effort.seconds;
    taken.resticSeconds += contender?.seconds ?? 0;
  }
  if (day % 30 === 0) process.stderr.write(`day ${day + 1}: ${megabytes(year.size())}\n`);
}
const full = year.size();
const perDay = taken.seconds / (days - 1);
const resticPerDay = taken.resticSeconds / (days - 1);

const quiet = await bystander(async () => await sleep(3_000));
const policy = policyThatPrunes(PRUNED);
let emptied = 0;
const busy = await bystander(async () => {
  const toTrash = performance.now();
  await asJob('prune', (job) => pruneSnapshots(job, catalog, { policy }));
  emptied = performance.now();
  process.stderr.write(`to the trash: ${Math.round(emptied - toTrash)} ms\n`);
  await asJob('empty-trash', (job) => emptyTrash(job, catalog, { olderThan: '0d', confirm: PRUNED }));
  emptied = performance.now() - toTrash;
});
const after = year.size();
const left = catalog.snapshots.list().length;
const { damaged } = await catalog.snapshots.verify(undefined);

console.log(
  `${values.users} users (${values.sections}), ${days} daily backups, ${changed} users changed a day; ${left} snapshots left, ${damaged.length} damaged`,
);
console.table([
  row('first backup', megabytes(taken.first), restic && megabytes(taken.resticFirst), ''),
  row(
    `${days} backups`,
    megabytes(full),
    restic && megabytes(taken.restic),
    `≤ 2.5 × the first; ≤ restic`,
    full <= 2.5 * taken.first && (!restic || full <= taken.restic),
  ),
  row(
    'against the first',
    `${(full / taken.first).toFixed(2)} ×`,
    restic && `${(taken.restic / taken.resticFirst).toFixed(2)} ×`,
    '',
  ),
  row(
    'a backup, mean',
    `${perDay.toFixed(2)} s`,
    restic && `${resticPerDay.toFixed(2)} s`,
    '< restic',
    restic && perDay < resticPerDay,
  ),
  row(
    `pruning ${PRUNED}, the trash emptied`,
    `${(emptied / 1000).toFixed(2)} s`,
    undefined,
    '≤ 5 s',
    emptied <= 5_000,
  ),
  row('the file then', megabytes(after), undefined, ''),
  row('others’ writes wait meanwhile, p99', `${at(busy.writes, 0.99)} ms`, undefined, ''),
  row(
    'others’ writes wait meanwhile, at most',
    `${at(busy.writes, 1)} ms`,
    undefined,
    '≤ 200 ms',
    at(busy.writes, 1) <= 200,
  ),
  row('others’ reads, at most', `${at(busy.reads, 1)} ms`, undefined, '≤ 200 ms', at(busy.reads, 1) <= 200),
  row('writes while nothing else is done, at most', `${at(quiet.writes, 1)} ms`, undefined, ''),
]);
const besideRestic = (value: number) => ({
  what: 'restic',
  value: restic ? value : values['without-restic'] ? 'left out' : 'not installed',
});
tell(
  {
    what: `${days} backups, against the first one`,
    value: full,
    unit: 'bytes',
    baseline: { what: 'the first', value: taken.first },
    bar: atMost(2.5, 'ratio'),
  },
  {
    what: `${days} backups, against restic`,
    value: full,
    unit: 'bytes',
    baseline: besideRestic(taken.restic),
    bar: atMost(1, 'ratio'),
  },
  {
    what: 'a backup, mean',
    value: perDay,
    unit: 's',
    baseline: besideRestic(resticPerDay),
    bar: atMost(1, 'ratio'),
  },
  { what: `pruning ${PRUNED}, the trash emptied`, value: emptied / 1000, unit: 's', bar: atMost(5) },
  { what: 'others’ writes wait meanwhile, at most', value: at(busy.writes, 1), unit: 'ms', bar: atMost(200) },
  { what: 'others’ reads wait meanwhile, at most', value: at(busy.reads, 1), unit: 'ms', bar: atMost(200) },
);
if (damaged.length > 0) process.exitCode = 1;

function row(what: string, ours: string, contender: string | undefined, bar: string, met?: boolean) {
  return { what, ours, restic: contender ?? '', bar, met: met === undefined ? '' : met ? 'yes' : 'NO' };
}

/** Days, and as many weeks as make up the number. */
function policyThatPrunes(count: number) {
  for (let keepWeekly = 0; keepWeekly < days; keepWeekly++)
    for (let keepDaily = 1; keepDaily < days; keepDaily++) {
      const policy = retentionPolicy.parse({ keepDaily, keepWeekly });
      const { trashed } = judgeSnapshots(catalog, { policy });
      if (trashed === count && keepWeekly * 2 > keepDaily) return policy;
      if (trashed < count) break;
    }
  return retentionPolicy.parse({ keepLast: days - count });
}

async function asJob(kind: string, work: (job: JournalledContext) => Promise<unknown>): Promise<void> {
  const { ended } = startJob(catalog.jobs, { kind, title: kind, params: {} }, async (job) => {
    await work(job);
    return { result: { kind: 'verify', report: { snapshots: 0, chunks: 0, bytes: 0, damaged: [] } } };
  });
  const { state, error } = await ended;
  if (state !== 'succeeded') throw new Error(JSON.stringify(error));
}

async function bystander(work: () => Promise<void>): Promise<{ reads: number[]; writes: number[] }> {
  const [newest] = catalog.snapshots.list();
  const script = join(import.meta.dirname, 'bystander-process.ts');
  const child = spawn(process.execPath, [script, year.dir, newest!.id], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'readable');
  await work();
  child.stdin.end();
  const said = await text(child.stdout);
  return JSON.parse(said.slice(said.indexOf('{'))) as { reads: number[]; writes: number[] };
}

function at(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
