/**
 * The documented export of many users over HTTP into the encrypted catalog, beside what downloading alone (curl) and
 * parsing alone (jq) cost in the same run.
 *
 *   npx node bench/capture/export-over-http.ts [--users 1000000] [--rounds 3]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { atLeast, atMost, tell } from '../bars.ts';
import { NODE_FLAGS } from '../node-flags.ts';
import { median } from '../report.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
});
const users = Number(values.users);
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));

const sandbox = spawn(process.execPath, [join(here, 'sandbox-process.ts'), String(users)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const dev = await firstLine(sandbox.stdout);
  const rows: Row[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    rows.push(
      download(dev, round),
      ...parse(round),
      backup(dev, round, 'first'),
      backup(dev, round, 'unchanged'),
    );
  }
  print(rows);
  judge(rows);
} finally {
  sandbox.stdin.end();
  await new Promise((resolve) => sandbox.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}

interface Row {
  readonly what: string;
  readonly seconds: number;
  /** Of the process that did it. */
  readonly cpuSeconds?: number;
  readonly megabytes?: number;
}

interface Environment {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<Environment> {
  for await (const line of createInterface({ input: stream })) return JSON.parse(line) as Environment;
  throw new Error('The sandbox did not start.');
}

function download(dev: Environment, round: number): Row {
  const form = `grant_type=client_credentials&client_id=${dev.clientId}&client_secret=${dev.clientSecret}`;
  const answer = execFileSync(
    'curl',
    ['-sf', '-d', '@-', `${dev.authUrl}/realms/master/protocol/openid-connect/token`],
    {
      input: form,
      encoding: 'utf8',
    },
  );
  const { access_token: token } = JSON.parse(answer) as { access_token: string };
  const started = performance.now();
  execFileSync(
    'curl',
    ['-sf', '-H', '@-', '-o', documentOf(round), `${dev.apiUrl}/admin/realms/acme/export`],
    {
      input: `Authorization: Bearer ${token}\n`,
    },
  );
  return { what: 'curl -o file', seconds: (performance.now() - started) / 1000 };
}

function parse(round: number): Row[] {
  const started = performance.now();
  const run = spawnSync('jq', ['.users | length', documentOf(round)]);
  const seconds = (performance.now() - started) / 1000;
  if (run.error) return [];
  if (Number(run.stdout.toString()) !== users) throw new Error('jq has not read every user.');
  return [{ what: 'jq .users|length', seconds }];
}

function backup(dev: Environment, round: number, what: 'first' | 'unchanged'): Row {
  const catalog = join(folder, `catalog-${round}`);
  const printed = execFileSync(
    process.execPath,
    [...NODE_FLAGS, join(here, 'backup-process.ts'), catalog, JSON.stringify(dev), String(users)],
    { encoding: 'utf8' },
  );
  const { seconds, cpuSeconds, maxRssMb, unchanged } = JSON.parse(printed) as {
    seconds: number;
    cpuSeconds: number;
    maxRssMb: number;
    unchanged: boolean;
  };
  if (unchanged !== (what === 'unchanged')) throw new Error('A change was missed, or one was seen.');
  return { what: `backup, ${what}`, seconds, cpuSeconds, megabytes: maxRssMb };
}

function documentOf(round: number): string {
  return join(folder, `document-${round}.json`);
}

function judge(rows: readonly Row[]): void {
  const of = (what: string) => rows.filter((row) => row.what === what);
  const rate = (what: string) => users / median(of(what).map(({ seconds }) => seconds));
  const alone = { what: '`curl -o file`', value: rate('curl -o file') };
  for (const what of ['backup, first', 'backup, unchanged']) {
    const peak = Math.max(...of(what).map(({ megabytes }) => megabytes!));
    tell(
      { what, value: rate(what), unit: 'users/s', baseline: alone, bar: atLeast(70_000) },
      { what: `${what}: peak memory`, value: peak, unit: 'MB', bar: atMost(350) },
    );
  }
}

function print(rows: readonly Row[]): void {
  const size = statSync(documentOf(1)).size / 1e6;
  process.stdout.write(
    `${users.toLocaleString('en')} users, a document of ${size.toFixed(0)} MB; medians\n\n`,
  );
  process.stdout.write('| what | seconds | users/s | CPU seconds | peak MB |\n|---|---|---|---|---|\n');
  for (const what of new Set(rows.map((row) => row.what))) {
    const these = rows.filter((row) => row.what === what);
    const seconds = median(these.map((row) => row.seconds));
    const cell = (figures: number[], digits: number) =>
      figures.length > 0 ? median(figures).toFixed(digits) : '';
    const cpu = cell(
      these.flatMap((row) => row.cpuSeconds ?? []),
      2,
    );
    const peak = cell(
      these.flatMap((row) => row.megabytes ?? []),
      0,
    );
    const rate = Math.round(users / seconds).toLocaleString('en');
    process.stdout.write(`| ${what} | ${seconds.toFixed(2)} | ${rate} | ${cpu} | ${peak} |\n`);
  }
  process.stdout.write('\nBars: at least 70,000 users/s, at most 350 MB.\n');
}
