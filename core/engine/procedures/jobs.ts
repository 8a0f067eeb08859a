import type { JobReport } from '../../../contract/job.ts';
import type { Catalog } from '../../catalog/index.ts';
import { displayKey } from '../../model/natural-key.ts';
import { implementer } from '../implementer.ts';
import type { JobDesk } from '../job-desk.ts';
import { jobView } from '../job-view.ts';
import { jobWork } from '../job-work.ts';
import { storedPlanView } from '../plan-view.ts';

/** As many failures as one answer carries; `failures` streams them all. */
const FAILURES_IN_REPORT = 1000;

export function jobProcedures(catalog: Catalog, desk: JobDesk) {
  const { jobs } = implementer;
  return {
    start: jobs.start.handler(({ input }) => {
      const { title, work } = jobWork(catalog, input);
      return desk.start({ kind: input.kind, title, params: JSON.parse(JSON.stringify(input)) }, work);
    }),
    watch: jobs.watch.handler(({ input, signal }) => desk.watch(input.job, signal)),
    cancel: jobs.cancel.handler(({ input }) => desk.cancel(input.job)),
    list: jobs.list.handler(({ input }) => catalog.jobs.list({ limit: input.limit }).map(jobView)),
    get: jobs.get.handler(({ input }) => desk.view(input.job)),
    report: jobs.report.handler(({ input }) => report(catalog, desk, input.job)),
    failures: jobs.failures.handler(async function* ({ input }) {
      for (const batch of catalog.jobs.failures(input.job))
        yield batch.map((failure) => ({ ...failure, key: displayKey(failure.key) }));
    }),
  };
}

function report(catalog: Catalog, desk: JobDesk, idOrPrefix: string): JobReport {
  const job = desk.view(idOrPrefix);
  const planId = job.result && 'result' in job.result ? job.result.result.plan : undefined;
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
