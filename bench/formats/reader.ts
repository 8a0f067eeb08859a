import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tell } from '../bars.ts';
import { median } from '../report.ts';
import { writeDocument } from './generate-document.ts';

/**
 * Reading one export document: ours against `JSON.parse` of the whole and `jq`, each in a process of its own, taking
 * turns. `npx node bench/formats/reader.ts [--users N] [--runs N]` prints a table of medians.
 */
interface Run {
  readonly seconds: number;
  /** Of all its threads; on a busy machine steadier than the time. Unknown for jq. */
  readonly cpuSeconds?: number;
  readonly peakBytes: number;
}

/** Not a dependency: compared with when it is installed. */
const JQ = 'jq';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '3' } },
});
const users = Number(values.users);
const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'));
try {
  const file = join(folder, 'export.json');
  const bytes = await writeDocument(file, users);
  const contenders: Record<string, () => Promise<Run | string>> = {
    'our reader (checked, canonical)': () => ours('reader', file),
    'JSON.parse of the whole': () => ours('json-parse', file),
    'jq .users|length': () => jq(file),
  };
  const runs = Object.keys(contenders).map((name) => ({ name, done: [] as (Run | string)[] }));
  for (let turn = 0; turn < Number(values.runs); turn++)
    for (const { name, done } of runs) done.push(await contenders[name]!());
  console.log(
    `${users.toLocaleString('en')} users, ${(bytes / 1e6).toFixed(0)} MB, median of ${values.runs}`,
  );
  console.table(Object.fromEntries(runs.map(({ name, done }) => [name, row(done)])));
  judge(runs);
} finally {
  await rm(folder, { recursive: true });
}

function judge([ours, ...others]: readonly {
  readonly name: string;
  readonly done: readonly (Run | string)[];
}[]): void {
  const failure = ours!.done.find((run) => typeof run === 'string');
  if (failure !== undefined) throw new Error(`Our reader ${failure}.`);
  const rate = medianRate(ours!.done);
  for (const { name, done } of others)
    tell({
      what: 'our reader (checked, canonical)',
      value: rate as number,
      unit: 'users/s',
      baseline: { what: `\`${name}\``, value: medianRate(done) },
    });
}

/** @returns users a second; why there are none, where a run failed */
function medianRate(done: readonly (Run | string)[]): number | string {
  const failure = done.find((run) => typeof run === 'string');
  return failure ?? users / median((done as Run[]).map(({ seconds }) => seconds));
}

function row(done: readonly (Run | string)[]): Record<string, unknown> {
  const failure = done.find((run) => typeof run === 'string');
  if (failure !== undefined) return { result: failure };
  const [middle] = (done as Run[])
    .toSorted((a, b) => a.seconds - b.seconds)
    .slice(Math.floor(done.length / 2));
  const { seconds, cpuSeconds, peakBytes } = middle!;
  return {
    seconds: Number(seconds.toFixed(2)),
    'CPU seconds': cpuSeconds === undefined ? '' : Number(cpuSeconds.toFixed(2)),
    'users/s': Math.round(users / seconds),
    'peak MB': Math.round(peakBytes / 1024 ** 2),
  };
}

async function ours(contender: string, file: string): Promise<Run | string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'contender.ts'), contender, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) return `failed: ${/^\w*Error.*/m.exec(output.errors)?.[0] ?? `exit code ${code}`}`;
  const run = JSON.parse(output.text) as Run & { readonly users: number };
  return run.users === users ? run : `read ${run.users} users`;
}

/** jq's peak is asked of the kernel while it runs: a parent cannot tell its children's apart. */
async function jq(file: string): Promise<Run | string> {
  const began = performance.now();
  const child = spawn(JQ, ['.users|length', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  let peakBytes = 0;
  const ended = new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', () => resolve(true));
  });
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const watch = setInterval(() => {
    void peakOf(child.pid).then((peak) => (peakBytes = Math.max(peakBytes, peak)));
  }, 50);
  const wasStarted = await ended;
  clearInterval(watch);
  if (!wasStarted) return 'not installed';
  if (Number(text) !== users) return 'failed';
  return { seconds: (performance.now() - began) / 1000, peakBytes };
}

async function peakOf(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  } catch (error) {
    // It has just ended, or this is no Linux: the table then says 0.
    if (error instanceof Error) return 0;
    throw error;
  }
}
