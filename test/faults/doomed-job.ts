/**
 * Runs a job in a process of its own, which kills itself at one checkpoint, as a power cut would. Checkpoints are what is
 * written to the journal: 3n+1 is when the intent of step n has been written, 3n+2 when the step has been run and its outcome
 * is about to be written, 3n+3 when it has been.
 */
import { jobInput, type JobInput } from '../../contract/job.ts';
import { openCatalog } from '../../core/catalog/index.ts';
import type { JobRun } from '../../core/catalog/jobs/job-run.ts';
import type { JobStore } from '../../core/catalog/jobs/job-store.ts';
import { jobWork } from '../../core/engine/job-work.ts';
import { resumeJob, startJob } from '../../core/jobs/runner.ts';
import { keys } from '../engine/line.ts';

export interface Doom {
  readonly catalogDir: string;
  /** What to start; or the job to go on with. */
  readonly work: JobInput | { readonly resume: string };
  readonly checkpoint: number;
  /** By how much the clock is put on. Milliseconds. */
  readonly later: number;
}

const { catalogDir, work, checkpoint, later } = JSON.parse(process.argv[2]!) as Doom;
const catalog = await openCatalog({
  dir: catalogDir,
  keys,
  testing: { now: () => new Date(Date.now() + later) },
});
let passed = 0;
const noVariables = (): undefined => undefined;

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

const jobs: JobStore = {
  ...catalog.jobs,
  acquire: (id) => doomed(catalog.jobs.acquire(id)),
  takeUpAgain: (id) => doomed(catalog.jobs.takeUpAgain(id)),
};
if ('resume' in work) {
  const { id, params } = catalog.jobs.get(work.resume);
  await resumeJob(jobs, id, jobWork(catalog, jobInput.parse(params), noVariables).work).ended;
} else {
  const input = jobInput.parse(work);
  const spec = {
    kind: input.kind,
    title: input.kind,
    params: JSON.parse(JSON.stringify(input)) as Record<string, never>,
  };
  await startJob(jobs, spec, jobWork(catalog, input, noVariables).work).ended;
}
process.stdout.write(String(passed));
catalog.close();
