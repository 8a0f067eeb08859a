import { AppError } from '../../contract/errors.ts';
import { jobResult, type JobInput } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import { displayKey } from '../model/natural-key.ts';
import type { Policy } from '../planner/plan.ts';
import { shownPlan } from './plan-document.ts';
import { isResumable } from './resumable.ts';

/** What it takes to try again what failed in an apply. */
export interface Retry {
  readonly job: string;
  readonly source: string;
  readonly target: { readonly environment: string; readonly realm: string };
  readonly policy: PolicyInput;
  /** The job that the first plan undoes. */
  readonly undoes?: string;
}

/**
 * The job that tries again what failed in one that has finished: of a backup the realms, of an apply or a seed, a plan of
 * the failed records.
 *
 * @throws AppError NOT_FOUND, AMBIGUOUS; USAGE when it has not finished, nothing failed, or it is no such job
 */
export function retryInput(catalog: Catalog, idOrPrefix: string): JobInput {
  const job = finished(catalog, idOrPrefix);
  if (job.kind !== 'backup') return { kind: 'retry-plan', job: job.id };
  return { ...job.params, realms: [...failedRealms(catalog, job)] } as unknown as JobInput;
}

/** @throws AppError as `retryInput` */
export function retryOf(catalog: Catalog, idOrPrefix: string): Retry {
  const job = finished(catalog, idOrPrefix);
  const planId = planOf(job);
  if (planId === undefined) throw notRetried(job);
  const { source, target, policy, summary, undoes } = shownPlan(catalog.plans.get(planId));
  return {
    job: job.id,
    source: source.snapshot,
    target,
    policy: summary.mode === 'remove' ? policyInput(policy) : onlyFailed(catalog, job, policy),
    ...(undoes !== undefined && { undoes }),
  };
}

/**
 * The realm is there now, and a record that was written in part is to be completed. A user who was to be created beside one whose
 * name differs by case, of whom that plan said so, still is: now that the other one stands there, this is no conflict.
 */
function onlyFailed(catalog: Catalog, job: Job, policy: Policy): PolicyInput {
  const only: string[] = [];
  for (const batch of catalog.jobs.failures(job.id))
    for (const { section, key } of batch) only.push(`${section}/${displayKey(key)}`);
  const { update = [], ...kept } = policyInput(policy);
  const failed = new Set(only);
  const toUpdate = update.filter((entry) => failed.has(entry));
  return {
    ...kept,
    realm: 'merge',
    users: 'merge',
    caseVariants: 'create',
    only,
    ...(toUpdate.length > 0 && { update: toUpdate }),
  };
}

function policyInput({ sections, exclude, only, update, ...policy }: Policy): PolicyInput {
  return {
    ...policy,
    exclude: [...exclude],
    ...(update && { update: [...update] }),
    ...(sections && { sections: [...sections] }),
    ...(only && { only: [...only] }),
  };
}

function failedRealms(catalog: Catalog, { id }: Job): Set<string> {
  const realms = new Set<string>();
  for (const batch of catalog.jobs.failures(id)) for (const { key } of batch) realms.add(key);
  return realms;
}

function planOf({ result }: Job): string | undefined {
  const parsed = result && jobResult.parse(result);
  return parsed && 'result' in parsed ? parsed.result.plan : undefined;
}

function finished(catalog: Catalog, idOrPrefix: string): Job {
  const job = catalog.jobs.get(idOrPrefix);
  const { id, state, counts, undoneBy, result } = job;
  if (isResumable(catalog, job))
    throw refusal(
      job,
      `Job ${id} has not come to its end.`,
      `To go on with all that is left of it: drawbridge job resume ${id}.`,
    );
  if (undoneBy !== undefined)
    throw refusal(job, `Job ${id} has been undone by job ${undoneBy}.`, 'Make a new plan.');
  if (!result || state === 'running' || state === 'canceling')
    throw refusal(
      job,
      `Job ${id} has not finished (${state}).`,
      `See how far it is: drawbridge job show ${id}.`,
    );
  if (counts.failures === 0)
    throw refusal(job, `Nothing failed in job ${id}.`, `See what it did: drawbridge job report ${id}.`);
  if (!['backup', 'apply', 'seed'].includes(job.kind)) throw notRetried(job);
  return job;
}

function notRetried(job: Job): AppError {
  return refusal(job, `Of job ${job.id} (${job.kind}) nothing can be tried again.`, 'Start it anew.');
}

function refusal({ id }: Job, message: string, remedy: string): AppError {
  return new AppError('USAGE', message, { notChanged: 'Nothing was started.', remedy, details: { job: id } });
}
