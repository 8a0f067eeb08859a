import { AppError, isAppError } from '../../contract/errors.ts';
import { jobResult } from '../../contract/job.ts';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Job } from '../catalog/jobs/job.ts';
import { LEASE_MILLISECONDS } from '../catalog/jobs/leases.ts';
import type { RouteCapabilities } from '../connectors/connector.ts';
import { mergeSuffices } from '../planner/merge-suffices.ts';
import type { DerivedPlan } from './derive-plan.ts';
import type { PlanRequest } from './make-plan.ts';
import { shownPlan } from './plan-document.ts';
import { writtenAsKnown } from './settle.ts';

/** What brings a realm back to what it was before a job wrote to it. */
export interface Rollback {
  /** The job to be undone. */
  readonly job: string;
  readonly target: { readonly environment: string; readonly realm: string };
  /** The snapshot of the target before the job; null where there was nothing. */
  readonly safetySnapshot: string | null;
  /** What the plan is made from: the safety snapshot, or, for a removal, any snapshot that can be named. */
  readonly source: string;
  readonly existed: boolean;
  /** The job deleted and recreated the realm, or deleted it: nothing of it kept its id by itself. */
  readonly wasReplaced: boolean;
  /** What the preview must say besides, whatever the route. */
  readonly warnings: readonly string[];
}

/** Where records can be deleted one by one, only what differs is written back; ids cannot be changed that way. */
const PUT_BACK: PolicyInput = {
  realm: 'merge',
  users: 'merge',
  clients: 'update',
  extra: 'delete',
  exact: true,
  conflicts: 'stop',
  unsupported: 'skip',
  // They stood side by side before.
  caseVariants: 'create',
  leftovers: 'remove',
};

/**
 * Where records are deleted one by one, what bears the realm's name is never deleted for being there without it: it is
 * brought back as it stands, be it beside a realm that goes or under the name of one that comes back.
 */
const PUT_BACK_SINGLY: PolicyInput = { ...PUT_BACK, leftovers: 'adopt' };

const REPLACE: PolicyInput = {
  realm: 'overwrite',
  conflicts: 'stop',
  unsupported: 'skip',
  caseVariants: 'create',
  leftovers: 'remove',
};

const REMOVE: PolicyInput = { realm: 'remove' };

type RollbackRequest = Pick<PlanRequest, 'policy' | 'otherwise' | 'warnings'>;

/** What it takes to bring the realm back. */
export function rollbackRequest(rollback: Rollback, route: RouteCapabilities): RollbackRequest {
  return {
    ...rollbackPolicy(rollback, route),
    warnings: [...rollback.warnings, ...leftoversWarning(rollback, route)],
  };
}

/** Instead of a realm there was what a deleted one of its name had left behind. */
function leftoversWarning({ existed, safetySnapshot }: Rollback, route: RouteCapabilities): string[] {
  if (existed || safetySnapshot === null) return [];
  const before =
    'Before the job there was no realm of this name, only what a deleted one had left behind (its leftovers)';
  if (route.writesWithoutRealm && route.survivors)
    return [
      `${before}. Of these records, those that differ are brought back to what they were, as far as this channel can; nothing is written to the others.`,
    ];
  return [
    route.writesWithoutRealm
      ? `${before}: that comes back.`
      : `${before}. Over this channel that cannot be brought back: what this deletes of it is kept in snapshot ${safetySnapshot} only, and can come back over PostgreSQL.`,
  ];
}

/** How to bring the realm back: the first choice, and what to do where its preview shows that it would not do. */
function rollbackPolicy(
  { existed, wasReplaced, safetySnapshot }: Rollback,
  route: RouteCapabilities,
): Pick<PlanRequest, 'policy' | 'otherwise'> {
  if (!existed && (safetySnapshot === null || !route.writesWithoutRealm)) return { policy: REMOVE };
  // Record by record, an overwrite would take every password and bring nothing back that a merge does not.
  if (route.survivors) return { policy: PUT_BACK_SINGLY };
  if (!existed) return { policy: REPLACE };
  if (wasReplaced || route.channel !== 'postgres') return { policy: REPLACE };
  // A merge cannot give a record that is there another id.
  const suits = async ({ target, source }: DerivedPlan['sides'], signal: AbortSignal) =>
    await mergeSuffices(target, source, signal);
  return { policy: PUT_BACK, otherwise: { policy: REPLACE, suits } };
}

/** @throws AppError NOT_FOUND, AMBIGUOUS; USAGE when the job has nothing to be undone, or was undone; CATALOG_LOCKED while it runs */
export function rollbackOf(catalog: Catalog, idOrPrefix: string): Rollback {
  const job = catalog.jobs.get(idOrPrefix);
  refuseUnended(job);
  const applied = appliedBy(catalog, job);
  if (!applied || writtenAsKnown(catalog, job)?.state === 'nothing') throw nothingToUndo(job);
  const { environment, realm, safetySnapshot } = applied;
  if (safetySnapshot !== null) requireSnapshot(catalog, job, safetySnapshot);
  const { target, source, summary } = shownPlan(catalog.plans.get(applied.plan));
  const warnings = laterJobs(catalog, job, applied).map(
    ({ id }) => `Job ${id} wrote to ${environment}/${realm} later: what it did is undone as well.`,
  );
  return {
    job: job.id,
    target: { environment, realm },
    safetySnapshot,
    source: safetySnapshot ?? source.snapshot,
    existed: target.exists,
    wasReplaced: summary.mode === 'overwrite' || summary.mode === 'remove',
    warnings,
  };
}

export type Applied = NonNullable<Job['applying']>;

/** As noted; of a job of an older Drawbridge as far as its end tells. */
export function appliedBy(catalog: Catalog, job: Job): Applied | undefined {
  if (job.applying) return job.applying;
  const ended = job.result && jobResult.parse(job.result);
  if (ended && 'result' in ended && ended.result.plan !== undefined) {
    const { plan, environment, realm, safetySnapshot, status } = ended.result;
    return status.startsWith('succeeded') ? { plan, environment, realm, safetySnapshot } : undefined;
  }
  const { plan } = job.params;
  const safetySnapshot = job.error?.details['safetySnapshot'];
  if (typeof plan !== 'string' || safetySnapshot === undefined) return undefined;
  const { environment, realm } = shownPlan(catalog.plans.get(plan)).target;
  return {
    plan,
    environment,
    realm,
    safetySnapshot: typeof safetySnapshot === 'string' ? safetySnapshot : null,
  };
}

function laterJobs(catalog: Catalog, job: Job, { environment, realm }: Applied): Job[] {
  return catalog.jobs
    .list()
    .filter(
      ({ id, createdAt, applying, undoneBy, written }) =>
        id !== job.id &&
        createdAt > job.createdAt &&
        applying?.environment === environment &&
        applying.realm === realm &&
        undoneBy === undefined &&
        written?.state !== 'nothing',
    );
}

function refuseUnended({ id, state, undoneBy }: Job): void {
  if (undoneBy !== undefined)
    throw new AppError('USAGE', `Job ${id} has been undone by job ${undoneBy} already.`, {
      notChanged: 'Nothing was planned.',
      remedy: `To take that back: drawbridge rollback ${undoneBy}.`,
    });
  if (state === 'queued' || state === 'running' || state === 'canceling')
    throw new AppError('CATALOG_LOCKED', `Job ${id} has not ended.`, {
      notChanged: 'Nothing was planned.',
      remedy: `Wait until it has (drawbridge job show ${id}), or stop it where it was started, by Ctrl-C. A job whose process was killed shows as running for up to ${LEASE_MILLISECONDS / 1000} seconds: then try again.`,
      details: { job: id },
    });
}

/** Those of long ago are pruned, but for the one of the last job on a realm. */
function requireSnapshot({ snapshots }: Catalog, { id }: Job, safetySnapshot: string): void {
  try {
    snapshots.get(safetySnapshot);
  } catch (error) {
    if (!isAppError(error, 'NOT_FOUND')) throw error;
    throw new AppError(
      'NOT_FOUND',
      `Job ${id} cannot be undone any more: snapshot ${safetySnapshot}, the realm as it was before it, was deleted.`,
      {
        notChanged: 'Nothing was planned.',
        remedy: 'Restore a backup from before that job: drawbridge snapshot list.',
        details: { job: id, safetySnapshot },
        cause: error,
      },
    );
  }
}

function nothingToUndo({ id }: Job): AppError {
  return new AppError('USAGE', `Job ${id} has written nothing to a realm: there is nothing to undo.`, {
    notChanged: 'Nothing was planned.',
    remedy: `See what it did: drawbridge job report ${id}.`,
  });
}
