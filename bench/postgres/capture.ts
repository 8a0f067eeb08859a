/**
 * Backing a realm up over PostgreSQL into the encrypted catalog: the first time, again with nothing changed, and after
 * some users were changed at random; beside `pg_dump -Fc` of the same two databases in the same run.
 *
 *   npx node bench/postgres/capture.ts [--users 1000000] [--rounds 3] [--profile folder]
 *
 * Bars (seconds by the clock, medians of rounds that take turns): the first ≤ 0.45 × pg_dump's time and ≤ 0.60 × its
 * bytes; unchanged ≤ 0.30 × its time and adds ≤ 100 KB; changed adds ≤ 300 bytes a changed user + 64 KB; ≤ 320 MB.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atMost, tell } from '../bars.ts';
import { median, printTable } from '../report.ts';
import { environmentOf, runJob } from './engine-job.ts';
import type { JobRun } from './job-process.ts';
import { changeUsers, createPopulation, REALM, SOURCE } from './population.ts';
import { printRows } from './rows.ts';
import { startServer } from './server.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
});
const users = Number(values.users);
const rounds = Number(values.rounds);
const MEMORY_BAR = 320;
/** Of a million users; as many of fewer. */
const CHANGED = [1_000, 10_000].map((count) => Math.round((count * users) / 1e6));
const BYTES_A_USER = 300;
const CHANGES_SLACK = 64 << 10;
const UNCHANGED_BYTES = 100_000;

/** What one backup took, and what it added to the catalog. */
interface Backup {
  readonly run: JobRun;
  readonly added: number;
}

const server = await startServer();
try {
  await createPopulation(server, users);
  process.stdout.write(
    `${users.toLocaleString('en')} users with a credential and two role mappings each; PostgreSQL ${server.version} as it is installed; medians of ${rounds} rounds that take turns\n\n`,
  );
  const dumps: { seconds: number; bytes: number }[] = [];
  const first: Backup[] = [];
  const unchanged: Backup[] = [];
  const changed = CHANGED.map(() => [] as Backup[]);
  for (let round = 0; round < rounds; round++) {
    rmSync(catalog(), { recursive: true, force: true });
    dumps.push(dump());
    first.push(backUp(false));
    unchanged.push(backUp(true));
    for (const [i, count] of CHANGED.entries()) {
      await changeUsers(server, count, 1 + round * CHANGED.length + i, { passwords: true, roles: true });
      // What autovacuum would do at some moment, so that it falls into no run.
      for (const database of [SOURCE.user, SOURCE.rbac]) await server.query(database, 'VACUUM (ANALYZE)');
      await server.settle();
      changed[i]!.push(backUp(false));
    }
  }
  print(dumps, first, unchanged, changed);
} finally {
  await server.stop();
}

function print(
  dumps: readonly { seconds: number; bytes: number }[],
  first: readonly Backup[],
  unchanged: readonly Backup[],
  changed: readonly (readonly Backup[])[],
): void {
  const baseline = { what: 'pg_dump', seconds: median(dumps.map(({ seconds }) => seconds)) };
  const figures = (backups: readonly Backup[]) => ({
    seconds: backups.map(({ run }) => run.seconds),
    cpuSeconds: backups.map(({ run }) => run.cpuSeconds),
    peakMb: backups.map(({ run }) => run.peakMb),
    baseline,
    memoryBar: MEMORY_BAR,
  });
  printRows([
    { what: '`pg_dump -Fc` of both databases', seconds: dumps.map(({ seconds }) => seconds) },
    { what: '**first backup into the encrypted catalog**', ...figures(first), bar: 0.45 },
    { what: '**second backup, nothing changed**', ...figures(unchanged), bar: 0.3 },
    ...changed.map((backups, i) => ({
      what: `backup after ${CHANGED[i]!.toLocaleString('en')} users changed`,
      ...figures(backups),
    })),
  ]);
  process.stdout.write('\n');
  const dumped = median(dumps.map(({ bytes }) => bytes));
  const added = (backups: readonly Backup[]): number => median(backups.map((backup) => backup.added));
  tell(
    {
      what: 'first backup: bytes added',
      value: added(first),
      unit: 'bytes',
      baseline: { what: '`pg_dump -Fc`', value: dumped },
      bar: atMost(0.6, 'ratio'),
    },
    {
      what: 'nothing changed: bytes added',
      value: added(unchanged),
      unit: 'bytes',
      bar: atMost(UNCHANGED_BYTES),
    },
    ...changed.map((backups, i) => ({
      what: `${CHANGED[i]!.toLocaleString('en')} users changed: bytes added`,
      value: added(backups),
      unit: 'bytes' as const,
      bar: atMost(BYTES_A_USER * CHANGED[i]! + CHANGES_SLACK),
    })),
  );
  const row = (what: string, bytes: number, bar: number, note: string): string[] => [
    what,
    (bytes / 1e6).toFixed(3),
    note,
    `≤ ${(bar / 1e6).toFixed(3)}`,
    bytes <= bar ? 'pass' : '**short**',
  ];
  printTable(
    ['what', 'MB added', '', 'bar', ''],
    [
      ['`pg_dump -Fc`', (dumped / 1e6).toFixed(3), '', '', ''],
      row('first backup', added(first), 0.6 * dumped, `${(added(first) / dumped).toFixed(3)} × pg_dump`),
      row('nothing changed', added(unchanged), UNCHANGED_BYTES, ''),
      ...changed.map((backups, i) => {
        const count = CHANGED[i]!;
        const note = `${((added(backups) - CHANGES_SLACK) / count).toFixed(0)} bytes a changed user beyond 64 KB`;
        return row(
          `${count.toLocaleString('en')} users changed`,
          added(backups),
          BYTES_A_USER * count + CHANGES_SLACK,
          note,
        );
      }),
    ],
  );
}

function dump(): { seconds: number; bytes: number } {
  const sum = { seconds: 0, bytes: 0 };
  for (const database of [SOURCE.user, SOURCE.rbac]) {
    const file = join(server.folder, `${database}.dump`);
    sum.seconds += server.run('pg_dump', ['-Fc', `--file=${file}`, database]).seconds;
    sum.bytes += statSync(file).size;
    rmSync(file);
  }
  return sum;
}

/** @throws Error when the catalog does not say of the snapshot whether it is unchanged as it is expected to be */
function backUp(isUnchanged: boolean): Backup {
  if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true });
  const before = size();
  const run = runJob(
    {
      catalog: catalog(),
      environments: [environmentOf(server, 'dev')],
      job: { kind: 'backup', environment: 'dev', realms: [REALM] },
    },
    values.profile,
  );
  if (run.result.kind !== 'backup') throw new Error('The backup has no snapshot.');
  const [snapshot] = run.result.snapshots;
  if (snapshot!.unchanged !== isUnchanged) throw new Error('A change was missed, or one was seen.');
  if (snapshot!.counts.users !== users || snapshot!.counts.credentials !== users)
    throw new Error('The snapshot lacks users or credentials.');
  return { run, added: size() - before };
}

function catalog(): string {
  return join(server.folder, 'catalog');
}

/** Of all files of the catalog, in bytes; no process has it open. */
function size(): number {
  // Before the first backup there is none.
  if (!existsSync(catalog())) return 0;
  return readdirSync(catalog(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
