/**
 * Runs a job in a process of its own, which kills itself at one checkpoint, as a power cut would; prints how many checkpoints
 * there were when it comes to its end.
 */
import { subscribe } from 'node:diagnostics_channel';
import { jobInput, type JobInput } from '../../contract/job.ts';
import { openCatalog } from '../../core/catalog/index.ts';
import type { JobRun } from '../../core/catalog/jobs/job-run.ts';
import type { JobStore } from '../../core/catalog/jobs/job-store.ts';
import { jobWork } from '../../core/engine/job-work.ts';
import { resumeJob, startJob } from '../../core/jobs/runner.ts';
import { keys } from '../engine/line.ts';
import { dieAfterCommits } from './die-after-commits.ts';

/**
 * What checkpoints are. Of the journal: 3n+1 is when the intent of step n has been written, 3n+2 when the step has been run and
 * its outcome is about to be written, 3n+3 when it has been. Of the catalog: every transaction that was stored. Of the server:
 * every call that changes something, once the server has answered it and before anybody here knows the answer.
 */
export type Checkpoints = 'journal' | 'transactions' | 'writes';

export interface Doom {
  readonly catalogDir: string;
  /** What to start; or the job to go on with. */
  readonly work: JobInput | { readonly resume: string };
  readonly of: Checkpoints;
  readonly checkpoint: number;
  /** By how much the clock is put on. Milliseconds. */
  readonly later: number;
}

const { catalogDir, work, of, checkpoint, later } = JSON.parse(process.argv[2]!) as Doom;
const stored = of === 'transactions' ? dieAfterCommits() : undefined;
const catalog = await openCatalog({
  dir: catalogDir,
  keys,
  testing: { now: () => new Date(Date.now() + later) },
});
let passed = 0;
if (of === 'writes')
  subscribe('undici:request:headers', (message) => {
    const { method, path } = (message as { request: { method: string; path: string } }).request;
    if (method !== 'GET' && !path.endsWith('/token')) pass();
  });
const SURROUNDINGS = { variables: (): undefined => undefined, nameOfFile: () => undefined };

function pass(): void {
  if (++passed !== checkpoint) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing of ours may run until the signal arrives.
  for (;;);
}

function doomed(run: JobRun): JobRun {
  return {
    ...run,
    intent(label, intent) {
      const seq = run.intent(label, intent);
      pass();
      return seq;
    },
    outcome(...given) {
      pass();
      run.outcome(...given);
      pass();
    },
  };
}

/** From here on; and without heartbeats, which come with the clock: the same transactions each time. */
function dieAfter(run: JobRun): JobRun {
  stored!.left = checkpoint;
  passed -= stored!.stored;
  return { ...run, heartbeat: () => ({ cancelRequested: false }) };
}

function watched(run: JobRun): JobRun {
  if (of === 'journal') return doomed(run);
  return of === 'transactions' ? dieAfter(run) : run;
}

const jobs: JobStore = {
  ...catalog.jobs,
  acquire: (id) => watched(catalog.jobs.acquire(id)),
  takeUpAgain: (id) => watched(catalog.jobs.takeUpAgain(id)),
};
if ('resume' in work) {
  const { id, params } = catalog.jobs.get(work.resume);
  await resumeJob(jobs, id, jobWork(catalog, jobInput.parse(params), SURROUNDINGS).work).ended;
} else {
  const input = jobInput.parse(work);
  const spec = {
    kind: input.kind,
    title: input.kind,
    params: JSON.parse(JSON.stringify(input)) as Record<string, never>,
  };
  await startJob(jobs, spec, jobWork(catalog, input, SURROUNDINGS).work).ended;
}
if (stored) {
  passed += stored.stored;
  stored.left = Infinity;
}
process.stdout.write(String(passed));
catalog.close();
