import { isAppError } from '../../contract/errors.ts';
import type { ItemFailure, JobReport, JobStep } from '../../contract/job.ts';
import type { ReportItem } from '../../contract/report.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import { derivePlan } from '../jobs/derive-plan.ts';
import { itemNotes } from '../jobs/item-notes.ts';
import { planDocument } from '../jobs/plan-document.ts';
import { reachOf, reportedItems, type ReportedItem } from '../jobs/reported-items.ts';
import { displayKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { explain } from '../planner/explain.ts';
import type { ReportSource } from '../reports/report-source.ts';
import type { JobDesk } from './job-desk.ts';
import { storedPlanView } from './plan-view.ts';

/** As many steps and failures as one answer carries; streams have them all. */
const IN_ONE_ANSWER = 1000;

export function jobReport(catalog: Catalog, desk: JobDesk, idOrPrefix: string): JobReport {
  const job = desk.view(idOrPrefix);
  const stored = catalog.jobs.get(job.id);
  const plan = planOf(catalog, stored);
  const { kind: _kind, ...asked } = stored.params;
  return {
    job,
    asked,
    ...(plan && { plan: storedPlanView(plan) }),
    steps: first(jobSteps(catalog, job.id)),
    stepCount: stored.counts.steps,
    failures: first(jobFailures(catalog, job.id)),
    failureCount: stored.counts.failures,
  };
}

export function reportSource(
  catalog: Catalog,
  desk: JobDesk,
  idOrPrefix: string,
  signal: AbortSignal,
): ReportSource {
  const report = jobReport(catalog, desk, idOrPrefix);
  const { id } = report.job;
  return {
    report,
    steps: () => streamed(jobSteps(catalog, id)),
    failures: () => streamed(jobFailures(catalog, id)),
    items: () => jobItems(catalog, id, signal),
  };
}

export function* jobSteps(catalog: Catalog, job: string): Generator<JobStep[]> {
  let batch: JobStep[] = [];
  for (const { seq, label, intentAt, outcome, outcomeAt } of catalog.jobs.steps(job)) {
    batch.push({
      seq,
      label,
      startedAt: intentAt,
      ...(outcomeAt !== null && { finishedAt: outcomeAt }),
      outcome: outcome ?? 'unknown',
    });
    if (batch.length < STEPS_A_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const STEPS_A_BATCH = 100;

export function* jobFailures(catalog: Catalog, job: string): Generator<ItemFailure[]> {
  for (const batch of catalog.jobs.failures(job))
    yield batch.map((failure) => ({ ...failure, key: displayKey(failure.key) }));
}

/** @throws AppError what keeps the plan from being derived again */
export async function* jobItems(
  catalog: Catalog,
  idOrPrefix: string,
  signal: AbortSignal,
): AsyncGenerator<ReportItem[]> {
  const job = catalog.jobs.get(idOrPrefix);
  const plan = planOf(catalog, job);
  if (!plan) return;
  const document = planDocument(plan);
  const derived = derivePlan({ signal, progress: () => {} }, catalog, document);
  const deviations = new Set(deviationsOf(job).map(({ section, key }) => `${section}/${key}`));
  const reported = reportedItems({
    items: derived.items(),
    failures: catalog.jobs.failures(job.id),
    // A job that only makes a plan writes nothing, whatever others have done with its plan since.
    reach: writes(job)
      ? reachOf(job, document, plan.appliedBy === job.id, catalog.jobs.steps(job.id))
      : 'nothing',
    document,
    deviates: (section, key) => deviations.has(`${section}/${displayKey(key)}`),
    stagingDir: catalog.stagingDir,
    signal,
  });
  for await (const batch of reported) yield batch.map((one) => reportItemOf(one));
}

function reportItemOf(one: ReportedItem): ReportItem {
  const { item, outcome, reason, found } = one;
  const notes = itemNotes(one);
  return {
    section: item.section,
    key: displayKey(item.key),
    action: item.action,
    outcome,
    text: reason ?? explain(item.reason, item),
    ...(found && { found }),
    ...(notes.length > 0 && { notes }),
  };
}

function writes({ kind }: Job): boolean {
  return kind === 'apply' || kind === 'seed';
}

/** The plan that a job applied, was about to, or made; none where it was forgotten since. */
function planOf(catalog: Catalog, job: Job): StoredPlan<JsonObject> | undefined {
  const id = writes(job) ? appliedPlan(job) : madePlan(job);
  if (id === undefined) return undefined;
  try {
    return catalog.plans.get(id);
  } catch (error) {
    if (isAppError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

function appliedPlan(job: Job): string | undefined {
  const applied = (job.result?.['result'] as JsonObject | undefined)?.['plan'];
  return typeof applied === 'string' ? applied : (job.applying?.plan ?? askedPlan(job));
}

function madePlan({ result }: Job): string | undefined {
  const made = (result?.['plan'] as JsonObject | undefined)?.['plan'];
  return typeof made === 'string' ? made : undefined;
}

/** One that was refused before it was taken up has its plan in what it was asked. */
function askedPlan({ kind, params }: Job): string | undefined {
  const plan = kind === 'apply' ? params['plan'] : undefined;
  return typeof plan === 'string' ? plan : undefined;
}

function deviationsOf({ result }: Job): readonly { section: string; key: string }[] {
  const applied = result?.['result'] as { deviations?: { section: string; key: string }[] } | undefined;
  return applied?.deviations ?? [];
}

function first<T>(batches: Iterable<readonly T[]>): T[] {
  const some: T[] = [];
  for (const batch of batches) {
    some.push(...batch);
    if (some.length >= IN_ONE_ANSWER) break;
  }
  return some.slice(0, IN_ONE_ANSWER);
}

/** Between batches others get their turn: a long report must not keep a job's heartbeat waiting. */
async function* streamed<T>(batches: Iterable<T>): AsyncGenerator<T> {
  for (const batch of batches) {
    yield batch;
    await new Promise(setImmediate);
  }
}
