import { jobInput, type JobInput, type JobReport, type JobView } from '../../../contract/job.ts';
import type { Catalog } from '../../catalog/index.ts';
import { requireResumable } from '../../jobs/resumable.ts';
import { retryInput } from '../../jobs/retry.ts';
import { perhapsHalfWritten, settledIfAskable, writtenAsKnown } from '../../jobs/settle.ts';
import type { Job } from '../../catalog/jobs/job.ts';
import { withConnector } from '../connections.ts';
import type { VariableLookup } from '../../formats/document-variables.ts';
import type { JsonObject } from '../../model/record.ts';
import { displayKey } from '../../model/natural-key.ts';
import { implementer } from '../implementer.ts';
import type { JobDesk } from '../job-desk.ts';
import { jobView } from '../job-view.ts';
import { jobWork } from '../job-work.ts';
import { storedPlanView } from '../plan-view.ts';

/** As many failures as one answer carries; `failures` streams them all. */
const FAILURES_IN_REPORT = 1000;

export function jobProcedures(catalog: Catalog, desk: JobDesk, variables: VariableLookup) {
  const { jobs } = implementer;

  function start(given: JobInput): JobView {
    const input = jobInput.parse(given);
    const { title, work } = jobWork(catalog, input, variables);
    return desk.start({ kind: input.kind, title, params: keptParams(input) }, work);
  }

  return {
    start: jobs.start.handler(({ input }) => start(input)),
    watch: jobs.watch.handler(({ input, signal }) => desk.watch(input.job, signal)),
    cancel: jobs.cancel.handler(({ input }) => desk.cancel(input.job)),
    resume: jobs.resume.handler(({ input }) => {
      catalog.jobs.markInterrupted();
      const job = catalog.jobs.get(input.job);
      requireResumable(catalog, job);
      return desk.resume(job.id, jobWork(catalog, jobInput.parse(job.params), variables).work);
    }),
    retry: jobs.retry.handler(({ input }) => start(retryInput(catalog, input.job))),
    list: jobs.list.handler(async ({ input: { limit } }) => {
      await lookAtWritten(catalog, catalog.jobs.list({ limit }));
      return catalog.jobs.list({ limit }).map((job) => jobView(catalog, job));
    }),
    halfWritten: jobs.halfWritten.handler(async () => {
      await lookAtWritten(catalog, perhapsHalfWritten(catalog));
      return perhapsHalfWritten(catalog).map((job) => jobView(catalog, job));
    }),
    get: jobs.get.handler(async ({ input }) => {
      await lookAtWritten(catalog, [catalog.jobs.get(input.job)]);
      return desk.view(input.job);
    }),
    report: jobs.report.handler(async ({ input }) => {
      await lookAtWritten(catalog, [catalog.jobs.get(input.job)]);
      return report(catalog, desk, input.job);
    }),
    secrets: jobs.secrets.handler(({ input }) => {
      const { job, issued } = catalog.jobs.takeSecrets(input.job);
      return {
        job,
        secrets: issued.flatMap(({ secret, ...of }) => (secret === undefined ? [] : [{ ...of, secret }])),
      };
    }),
    failures: jobs.failures.handler(async function* ({ input }) {
      for (const batch of catalog.jobs.failures(input.job))
        yield batch.map((failure) => ({ ...failure, key: displayKey(failure.key) }));
    }),
  };
}

/** What is kept of how a job was asked for: all but the secrets that it was given. */
function keptParams(input: object): JsonObject {
  const { keys: _, ...kept } = JSON.parse(JSON.stringify(input)) as JsonObject;
  return kept;
}

/** How long a look at jobs may take that asks the databases. Milliseconds. */
const LOOK = 5000;

/** Asks the databases what jobs have left behind, where that is not known yet; when they cannot tell, it stays so. */
async function lookAtWritten(catalog: Catalog, jobs: readonly Job[]): Promise<void> {
  const unknown = jobs.filter(
    (job) => job.undoneBy === undefined && writtenAsKnown(catalog, job)?.state === 'unknown',
  );
  const signal = AbortSignal.timeout(LOOK);
  await Promise.all(unknown.map((job) => lookAtOne(catalog, job, signal)));
}

async function lookAtOne(catalog: Catalog, job: Job, signal: AbortSignal): Promise<void> {
  const { environment } = job.applying!;
  // Nobody can be asked any more where the environment was removed.
  if (!catalog.environments.list().some(({ name }) => name === environment)) return;
  try {
    await withConnector(catalog, environment, (connector) =>
      settledIfAskable(catalog, connector, job, signal),
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function report(catalog: Catalog, desk: JobDesk, idOrPrefix: string): JobReport {
  const job = desk.view(idOrPrefix);
  const planId =
    job.result && 'result' in job.result ? job.result.result.plan : catalog.jobs.get(job.id).applying?.plan;
  const failures: JobReport['failures'] = [];
  for (const batch of catalog.jobs.failures(job.id)) {
    for (const failure of batch) failures.push({ ...failure, key: displayKey(failure.key) });
    if (failures.length >= FAILURES_IN_REPORT) break;
  }
  return {
    job,
    ...(planId !== undefined && { plan: storedPlanView(catalog.plans.get(planId)) }),
    steps: [...catalog.jobs.steps(job.id)].map(({ seq, label, intentAt, outcome, outcomeAt }) => ({
      seq,
      label,
      startedAt: intentAt,
      ...(outcomeAt !== null && { finishedAt: outcomeAt }),
      outcome: outcome ?? 'unknown',
    })),
    failures: failures.slice(0, FAILURES_IN_REPORT),
    failureCount: catalog.jobs.get(job.id).counts.failures,
  };
}
