import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { NODE_FLAGS, WRITING_ENV } from '../node-flags.ts';
import type { JobRequest, JobRun } from './job-process.ts';
import { SOURCE, type DatabaseSet } from './population.ts';
import type { BenchServer } from './server.ts';

/**
 * Runs a job in a process of its own, with the flags and the environment that the command line is started with.
 *
 * @param profile folder for the process's CPU profile
 */
export function runJob(request: JobRequest, profile?: string): JobRun {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const printed = execFileSync(
    process.execPath,
    [...NODE_FLAGS, ...profiling, join(import.meta.dirname, 'job-process.ts')],
    {
      input: JSON.stringify(request),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...(request.job.kind !== 'backup' && WRITING_ENV) },
    },
  );
  return JSON.parse(printed) as JobRun;
}

/** An environment whose databases are this set. */
export function environmentOf(
  server: BenchServer,
  name: string,
  databases: DatabaseSet = SOURCE,
): JobRequest['environments'][number] {
  return { name, postgres: { url: `${server.url}postgres`, databases: { ...databases } } };
}
