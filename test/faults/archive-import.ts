import { jobInput } from '../../contract/job.ts';
import type { Catalog } from '../../core/catalog/index.ts';
import type { Job } from '../../core/catalog/jobs/job.ts';
import { jobWork } from '../../core/engine/job-work.ts';
import { resumeJob, startJob } from '../../core/jobs/runner.ts';

const SURROUNDINGS = { variables: (): undefined => undefined, nameOfFile: () => undefined };

/** Imports an archive as the engine does, to the end of its job. */
export async function importAsJob(catalog: Catalog, path: string): Promise<Job> {
  const input = jobInput.parse({ kind: 'import-file', path });
  const { title, work } = jobWork(catalog, input, SURROUNDINGS);
  return await startJob(catalog.jobs, { kind: input.kind, title, params: { ...input } }, work).ended;
}

/** Goes on with one that was broken off. */
export async function resumeImport(catalog: Catalog, { id, params }: Job): Promise<Job> {
  const { work } = jobWork(catalog, jobInput.parse(params), SURROUNDINGS);
  return await resumeJob(catalog.jobs, id, work).ended;
}
