import { jobInput } from '../../../contract/job.ts';
import type { Catalog } from '../../catalog/index.ts';
import { requireResumable } from '../../jobs/resumable.ts';
import { retryInput } from '../../jobs/retry.ts';
import { perhapsHalfWritten, settledIfAskable, writtenAsKnown } from '../../jobs/settle.ts';
import type { Job } from '../../catalog/jobs/job.ts';
import { withConnector } from '../connections.ts';
import { implementer } from '../implementer.ts';
import { jobView } from '../job-view.ts';
import { jobFailures, jobItems, jobReport, jobSteps, reportSource } from '../job-report.ts';
import { jobWork } from '../job-work.ts';
import { startAsJob, type JobHost } from '../start-job.ts';
import { saveText } from '../../jobs/files/save-file.ts';
import { refusedSource } from '../../reports/refused-source.ts';
import { renderReport } from '../../reports/render-report.ts';

export function jobProcedures(host: JobHost) {
  const { jobs } = implementer;
  const { catalog, desk } = host;

  return {
    start: jobs.start.handler(({ input }) => startAsJob(host, input)),
    watch: jobs.watch.handler(async ({ input, signal }) => {
      if (!desk.isUnrecorded(input.job)) await lookAtWritten(catalog, [catalog.jobs.get(input.job)]);
      return desk.watch(input.job, signal);
    }),
    cancel: jobs.cancel.handler(({ input }) => desk.cancel(input.job)),
    resume: jobs.resume.handler(({ input }) => {
      catalog.jobs.markInterrupted();
      const job = catalog.jobs.get(input.job);
      requireResumable(catalog, job);
      return desk.resume(job.id, jobWork(catalog, jobInput.parse(job.params), host).work);
    }),
    retry: jobs.retry.handler(({ input }) =>
      startAsJob(host, jobInput.parse(retryInput(catalog, input.job))),
    ),
    // Asked for every second by windows that stay open: it tells what is known, and asks no database.
    list: jobs.list.handler(({ input: { limit, states } }) => {
      // They are to see that whoever ran one has died meanwhile.
      catalog.jobs.markInterrupted();
      return catalog.jobs.list({ limit, ...(states && { states }) }).map((job) => jobView(catalog, job));
    }),
    halfWritten: jobs.halfWritten.handler(async () => {
      await lookAtWritten(catalog, perhapsHalfWritten(catalog));
      return perhapsHalfWritten(catalog).map((job) => jobView(catalog, job));
    }),
    get: jobs.get.handler(async ({ input }) => {
      if (desk.isUnrecorded(input.job)) return desk.view(input.job);
      catalog.jobs.markInterrupted();
      await lookAtWritten(catalog, [catalog.jobs.get(input.job)]);
      return desk.view(input.job);
    }),
    report: jobs.report.handler(async ({ input }) => {
      await lookAtWritten(catalog, [catalog.jobs.get(input.job)]);
      return jobReport(catalog, desk, input.job);
    }),
    secrets: jobs.secrets.handler(({ input }) => {
      const { job, issued } = catalog.jobs.secrets(input.job);
      return {
        job,
        secrets: issued.flatMap(({ secret, ...of }) => (secret === undefined ? [] : [{ ...of, secret }])),
      };
    }),
    forgetSecrets: jobs.forgetSecrets.handler(({ input }) => ({
      forgotten: catalog.jobs.forgetSecrets(input.job),
    })),
    failures: jobs.failures.handler(async function* ({ input }) {
      yield* jobFailures(catalog, input.job);
    }),
    steps: jobs.steps.handler(async function* ({ input }) {
      yield* jobSteps(catalog, input.job);
    }),
    items: jobs.items.handler(({ input, signal = NEVER }) => jobItems(catalog, input.job, signal)),
    reportText: jobs.reportText.handler(async function* ({ input: { job, format }, signal = NEVER }) {
      await lookAtWritten(catalog, [catalog.jobs.get(job)]);
      yield* renderReport(reportSource(catalog, desk, job, signal), format);
    }),
    refusalText: jobs.refusalText.handler(async ({ input }) => {
      let text = '';
      for await (const piece of renderReport(refusedSource(input, new Date()), 'junit')) text += piece;
      return text;
    }),
    saveReport: jobs.saveReport.handler(async ({ input, signal = NEVER }) => {
      const { job, format, path, replace } = input;
      await lookAtWritten(catalog, [catalog.jobs.get(job)]);
      const text = renderReport(reportSource(catalog, desk, job, signal), format);
      return {
        path,
        bytes: await saveText({ path, replace, kept: { catalogDir: catalog.dir } }, text, signal),
      };
    }),
  };
}

/** Of a caller who cannot cancel. */
const NEVER = new AbortController().signal;

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
