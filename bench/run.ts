/**
 * Every measurement, one after the other, each in a process of its own. Each prints its own tables; at the end one table
 * holds every bar, and goes into docs/benchmarks.md with the machine and the versions. What falls short is told and is no
 * failure of the run; it ends with 1 when a measurement failed. Some open windows, of what was built.
 *
 *   npm run bench [-- --users 1000000] [--only growth --only windows] [--rounds 3] [--page docs/benchmarks.md]
 *
 * With `--only` the rows of the others stay as they were taken, each with its date. `--rounds`: how often those are repeated
 * of which the medians count.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BARS_FILE, type Told } from './bars.ts';
import { blockOf, blocksIn, joined, tableOf, type Block } from './bars-table.ts';
import { withWrittenPart, writtenPart } from './benchmarks-page.ts';
import { describeMachine, describeVersions, measuredCommit } from './machine.ts';

interface Measurement {
  readonly name: string;
  readonly title: string;
  readonly script: string;
  /** For how many its bars are set, where that is not 1,000,000; only then `--users` is limited by it. 0: none are in it. */
  readonly users?: number;
  readonly args?: readonly string[];
  /** Whether it can be told how often it is to be repeated. */
  readonly inRounds?: true;
}

const MEASUREMENTS: readonly Measurement[] = [
  {
    name: 'export',
    title: 'The documented export over HTTP into the catalog',
    script: 'capture/export-over-http.ts',
    inRounds: true,
  },
  {
    name: 'released',
    title: 'Release v1.1.0, resource by resource',
    script: 'released/capture.ts',
    users: 20_000,
    inRounds: true,
  },
  { name: 'reader', title: 'Reading an export document', script: 'formats/reader.ts' },
  { name: 'growth', title: 'How the catalog grows', script: 'catalog/growth.ts' },
  { name: 'query', title: 'Finding and proving', script: 'catalog/query.ts' },
  {
    name: 'retention',
    title: 'A year of backups with password hashes, and pruning it',
    script: 'catalog/retention.ts',
    users: 100_000,
  },
  {
    name: 'retention-users',
    title: 'A year of backups without password hashes, and pruning it',
    script: 'catalog/retention.ts',
    users: 100_000,
    args: ['--sections', 'users'],
  },
  { name: 'diff', title: 'Comparing and planning', script: 'diff.ts', inRounds: true },
  { name: 'start', title: 'Starting the desktop program', script: 'start.ts', users: 0, inRounds: true },
  { name: 'windows', title: 'What windows wait for', script: 'windows.ts', inRounds: true },
  { name: 'windows-scroll', title: 'Scrolling and searching in a window', script: 'windows-scroll.ts' },
  {
    name: 'postgres-capture',
    title: 'Backing up over PostgreSQL',
    script: 'postgres/capture.ts',
    inRounds: true,
  },
  {
    name: 'postgres-import',
    title: 'Importing over PostgreSQL',
    script: 'postgres/import.ts',
    inRounds: true,
  },
];

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    page: { type: 'string', default: join(import.meta.dirname, '../docs/benchmarks.md') },
  },
});
const given = Number(values.users);
if (!Number.isInteger(given) || given < 1)
  throw new Error(`Nothing was measured: --users ${values.users} is no number of users.`);
const wanted = measurementsNamed(values.only);
// Before hours of measuring: a page that cannot be written is told at once.
if (!existsSync(values.page))
  throw new Error(
    `Nothing was measured: there is no page “${values.page}” to write into. Begin with a copy of docs/benchmarks.md.`,
  );
const earlier = blocksIn(writtenPart(readFileSync(values.page, 'utf8')).split('\n'));
const began = performance.now();
const machine = describeMachine();
const commit = measuredCommit();
const versions = describeVersions(commit);
process.stdout.write(`${machine}\n${versions}\n`);

const now: Block[] = [];
for (const measurement of wanted) {
  process.stdout.write(`\n## ${measurement.title}\n\n`);
  now.push(await measure(measurement));
  // After each: when the run is broken off, what was measured is there.
  writePage(tableOf(joined(MEASUREMENTS, earlier, now)));
}
const table = tableOf(joined(MEASUREMENTS, earlier, now)).join('\n');
process.stdout.write(`\n## Every bar\n\n${table}\n\nWritten into ${values.page}.\n`);

/** @throws Error that names what there is */
function measurementsNamed(names: readonly string[] | undefined): readonly Measurement[] {
  if (names === undefined) return MEASUREMENTS;
  const unknown = names.filter((name) => !MEASUREMENTS.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new Error(
      `Nothing was measured: there is no ${unknown.join(', ')}. --only knows ${MEASUREMENTS.map(({ name }) => name).join(', ')}.`,
    );
  return MEASUREMENTS.filter(({ name }) => names.includes(name));
}

async function measure({
  name,
  title,
  script,
  users: promised = 1_000_000,
  args = [],
  inRounds,
}: Measurement): Promise<Block> {
  const users = Math.min(given, promised);
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-bars-'));
  const file = join(folder, 'bars.ndjson');
  const started = performance.now();
  try {
    const rounds = inRounds && values.rounds !== undefined ? ['--rounds', values.rounds] : [];
    const command = [join(import.meta.dirname, script), '--users', String(users), ...args, ...rounds];
    const failure = await run(command, file);
    const told = existsSync(file)
      ? readFileSync(file, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Told)
      : [];
    if (failure !== undefined) {
      told.push({ what: told.length > 0 ? 'everything else' : 'everything', notMeasured: failure });
      process.exitCode = 1;
    }
    const minutes = (performance.now() - started) / 60_000;
    const date = new Date().toISOString().slice(0, 10);
    return blockOf({ name, title, users, promised, date, commit, minutes, told });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns why it failed; undefined: it did not */
async function run(args: readonly string[], file: string): Promise<string | undefined> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, [BARS_FILE]: file },
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    complaint = (complaint + chunk.toString()).slice(-20_000);
  });
  const closed = once(child.stderr, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  // No longer than this for its last words: what it left running may hold the pipe open.
  await Promise.race([closed, sleep(1_000, undefined, { ref: false })]);
  if (code === 0) return undefined;
  // What was thrown: its kind before it, or its stack after it.
  const thrown = /^\w*Error.*?: (.*)$/m.exec(complaint) ?? /^(\S.*)\n {4}at /m.exec(complaint);
  return thrown?.[1] ?? `it ended with ${signal ?? `exit code ${code}`}`;
}

function writePage(rows: readonly string[]): void {
  const minutes = ((performance.now() - began) / 60_000).toFixed(0);
  const part = [
    `Newest run: ${new Date().toISOString().slice(0, 10)}, ${minutes} minutes for ${wanted.length} of ${MEASUREMENTS.length} measurements.`,
    '',
    `- Machine: ${machine}`,
    `- Versions: ${versions}`,
    '',
    ...rows,
  ];
  writeFileSync(values.page, withWrittenPart(readFileSync(values.page, 'utf8'), part.join('\n')));
}
