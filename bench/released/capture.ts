/**
 * A backup of many users with their role mappings over release v1.1.0, which is asked once for every user, beside a loop
 * of `fetch` that makes the same calls at the same concurrency, in the same run. The server has a process of its own.
 *
 *   npx node bench/released/capture.ts [--users 20000] [--rounds 3]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { atLeast, atMost, tell } from '../bars.ts';
import { NODE_FLAGS } from '../node-flags.ts';

/** One call for each: more of them take longer and show nothing else. */
const MOST_USERS = 20_000;
/** What an environment has that is not production. */
const CONCURRENCY = 16;

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: String(MOST_USERS) },
    rounds: { type: 'string', default: '3' },
  },
});
const users = Math.min(Number(values.users), MOST_USERS);
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));

interface Figures {
  readonly seconds: number;
  /** Of the whole process. */
  readonly maxRssMb: number;
  /** While it read. */
  readonly readingRssMb?: number;
  readonly cpuSeconds?: number;
  readonly calls?: number;
}

interface Environment {
  readonly apiUrl: string;
  readonly gatewayUrl: string;
}

const sandbox = spawn(
  process.execPath,
  [join(here, '../capture/sandbox-process.ts'), String(users), 'v1.1'],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
try {
  const dev = await firstLine(sandbox.stdout);
  // Nobody's first round: connections, plans and caches of the server are there for both.
  loop(dev);
  const rows: { readonly loop: Figures; readonly backup: Figures }[] = [];
  for (let round = 1; round <= Number(values.rounds); round++)
    rows.push({ loop: loop(dev), backup: backup(dev, round) });
  print(rows);
  judge(rows);
} finally {
  sandbox.stdin.end();
  await new Promise((resolve) => sandbox.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<Environment> {
  for await (const line of createInterface({ input: stream })) return JSON.parse(line) as Environment;
  throw new Error('The sandbox did not start.');
}

function run(script: string, ...args: string[]): Figures {
  const printed = execFileSync(process.execPath, [...NODE_FLAGS, join(here, script), ...args], {
    encoding: 'utf8',
  });
  return JSON.parse(printed) as Figures;
}

function loop({ apiUrl, gatewayUrl }: Environment): Figures {
  return run(
    'fetch-loop.ts',
    JSON.stringify({ apiUrl, gatewayUrl, realm: 'acme', concurrency: CONCURRENCY }),
  );
}

/** Into a catalog of its own: the first backup, in which everything is new. */
function backup(dev: Environment, round: number): Figures {
  const catalog = join(folder, `catalog-${round}`);
  return run('../capture/backup-process.ts', catalog, JSON.stringify(dev), String(users));
}

function print(rows: readonly { readonly loop: Figures; readonly backup: Figures }[]): void {
  process.stdout.write(
    `${users.toLocaleString('en')} users, ${rows[0]!.loop.calls!.toLocaleString('en')} calls, ${CONCURRENCY} at a time\n\n`,
  );
  process.stdout.write(
    '| round | fetch loop, s | backup, s | users/s | CPU of the backup, s | its peak while reading, MB | and at all, MB | ratio |\n|---|---|---|---|---|---|---|---|\n',
  );
  for (const [index, { loop: bare, backup: ours }] of rows.entries())
    process.stdout.write(
      `| ${index + 1} | ${bare.seconds.toFixed(2)} | ${ours.seconds.toFixed(2)} | ${Math.round(users / ours.seconds).toLocaleString('en')} | ${ours.cpuSeconds!.toFixed(2)} | ${ours.readingRssMb!.toFixed(0)} | ${ours.maxRssMb.toFixed(0)} | ${ratioOf(bare, ours).toFixed(2)} |\n`,
    );
  const ratios = rows.map(({ loop: bare, backup: ours }) => ratioOf(bare, ours)).sort((a, b) => a - b);
  process.stdout.write(
    `\nMedian ratio ${ratios[Math.floor(ratios.length / 2)]!.toFixed(2)}. Bars: at least 0.7 of the loop’s rate, at most 250 MB, opening the catalog included.\n`,
  );
}

function judge(rows: readonly { readonly loop: Figures; readonly backup: Figures }[]): void {
  const [middle] = rows
    .toSorted((a, b) => ratioOf(a.loop, a.backup) - ratioOf(b.loop, b.backup))
    .slice(rows.length >> 1);
  tell(
    {
      what: 'first backup with role mappings, round of the median ratio',
      value: users / middle!.backup.seconds,
      unit: 'users/s',
      baseline: { what: 'loop of `fetch`', value: users / middle!.loop.seconds },
      bar: atLeast(0.7, 'ratio'),
    },
    {
      what: 'its peak memory, the largest of all rounds',
      value: Math.max(...rows.map(({ backup: { maxRssMb } }) => maxRssMb)),
      unit: 'MB',
      bar: atMost(250),
    },
  );
}

function ratioOf(bare: Figures, ours: Figures): number {
  return bare.seconds / ours.seconds;
}
