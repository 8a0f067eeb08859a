/** Runs one job of the engine in a process of its own: reads a `JobRequest` from stdin, prints a `JobRun`; both JSON. */
import { text } from 'node:stream/consumers';
import type { JobInput, JobResult } from '../../contract/job.ts';
import type { EnvironmentInput } from '../../contract/environment.ts';
import { openEngine } from '../../core/engine/index.ts';

export interface JobRequest {
  /** The catalog's folder; created where there is none. */
  readonly catalog: string;
  /** Added where the catalog does not know them. */
  readonly environments: readonly Pick<EnvironmentInput, 'name' | 'postgres'>[];
  readonly job: JobInput;
}

export interface JobRun {
  /** From the job's start to its end, by the clock; opening the catalog is not counted. */
  readonly seconds: number;
  /** Of all threads, while the job ran. */
  readonly cpuSeconds: number;
  /** The process's peak, from its start. */
  readonly peakMb: number;
  /** Seconds of each phase that the job reported, in order, to a quarter of a second, and the most memory seen in it. */
  readonly phases: readonly { readonly phase: string; readonly seconds: number; readonly mb: number }[];
  /** Seconds of the steps that wrote, summed by the first word of their labels; each step until the next one began. */
  readonly steps: Readonly<Record<string, number>>;
  /** Seconds from the intent of the first step that writes to the outcome of the last one; undefined when there was none. */
  readonly writing?: number;
  /** Seconds from the job's start to the same outcome: what comes after it is verification. */
  readonly untilWritten?: number;
  readonly result: JobResult;
}

const request = JSON.parse(await text(process.stdin)) as JobRequest;
const engine = await openEngine({
  catalogDir: request.catalog,
  keys: { passphrase: () => Promise.resolve('bench') },
  createCatalog: true,
});
const { client } = engine;
const known = (await client.environments.list()).map(({ name }) => name);
for (const environment of request.environments)
  if (!known.includes(environment.name)) await client.environments.add(environment);

const started = performance.now();
const cpuBefore = process.cpuUsage();
const { id } = await client.jobs.start(request.job);
const phases: { phase: string; seconds: number; mb: number }[] = [];
let last;
let since = started;
for await (const view of await client.jobs.watch({ job: id })) {
  last = view;
  const now = performance.now();
  const phase = view.progress?.phase;
  if (phase !== undefined && phases.at(-1)?.phase !== phase) phases.push({ phase, seconds: 0, mb: 0 });
  const current = phases.at(-1);
  if (current) {
    current.seconds += (now - since) / 1000;
    current.mb = Math.max(current.mb, Math.round(process.memoryUsage.rss() / 1024 / 1024));
  }
  since = now;
}
const seconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(cpuBefore);
if (last?.state !== 'succeeded' || !last.result)
  throw new Error(`The job ended as ${last?.state}: ${last?.error?.message} ${last?.error?.remedy}`);
// The safety capture is journalled as a step as well.
const steps = (await client.jobs.report({ job: id })).steps.filter(
  ({ label }) => !label.startsWith('Snapshot'),
);
await engine.close();

const sums: Record<string, number> = {};
for (const [i, { label, startedAt, finishedAt = startedAt }] of steps.entries()) {
  const [word] = label.split(' ');
  const until = steps[i + 1]?.startedAt ?? finishedAt;
  sums[word!] = (sums[word!] ?? 0) + (Date.parse(until) - Date.parse(startedAt)) / 1000;
}
const begun = steps[0]?.startedAt;
const done = steps.at(-1)?.finishedAt;
const run: JobRun = {
  seconds,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  peakMb: process.resourceUsage().maxRSS / 1024,
  phases,
  steps: sums,
  ...(begun !== undefined &&
    done !== undefined && {
      writing: (Date.parse(done) - Date.parse(begun)) / 1000,
      untilWritten: (Date.parse(done) - Date.parse(last.startedAt!)) / 1000,
    }),
  result: last.result,
};
process.stdout.write(`${JSON.stringify(run)}\n`);
