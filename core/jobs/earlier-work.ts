import { isDeepStrictEqual } from 'node:util';
import { AppError, isAppError } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { Connector } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { outcomeOfCommit } from './left-behind.ts';
import type { PlanDocument } from './plan-document.ts';
import { MOST_WARNINGS, type StepsSoFar } from './run-steps.ts';
import type { JournalledContext } from './runner.ts';
import { askedCommits, journalledWrites, writtenView, type JournalledWrites } from './written.ts';

/** What the attempts before at an apply have left. */
export interface EarlierWork {
  /** The target as it was before the first of them. */
  readonly safety: SnapshotManifest | undefined;
  /** `everything`: it only has to be verified. `databases`: the calls to the Admin API are left. */
  readonly written: 'everything' | 'databases' | 'part';
}

interface Resumed {
  readonly catalog: Catalog;
  readonly connector: Connector;
  readonly stored: StoredPlan<JsonObject>;
  readonly document: PlanDocument;
}

/**
 * Finds out how far the attempts before have come, by their journal and, where that does not know, by the databases.
 *
 * @returns undefined when they have written nothing: then it is as if there had been none
 * @throws AppError HALF_WRITTEN when the databases hold a part of it, which cannot be finished; NOT_FOUND when the catalog
 *   lacks what is needed; what asking the databases throws
 */
export async function earlierWork(
  job: JournalledContext,
  { catalog, connector, stored, document }: Resumed,
): Promise<EarlierWork | undefined> {
  const { applying } = catalog.jobs.get(job.job);
  if (applying?.plan !== stored.id) return undefined;
  const writes = journalledWrites(catalog.jobs.steps(job.job));
  const asked = await askedCommits(writes, (facts) => outcomeOfCommit(connector, facts));
  settleOpenSteps(job, catalog, asked);
  if (writes.commits.length === 0 && writes.direct === 0) return undefined;
  const databases = asked.commits.length > 0 ? writtenView(document.target, asked) : undefined;
  if (databases?.state === 'nothing') return undefined;
  // What was to be undone is still to be undone.
  const undo = document.undoes ?? job.job;
  if (databases && databases.state !== 'everything')
    throw new AppError('HALF_WRITTEN', `${databases.text} Job ${job.job} cannot be continued from there.`, {
      notChanged: 'Nothing more was written.',
      remedy:
        databases.state === 'part'
          ? `Each database is written in one piece, from what all of them held at one moment; that moment is gone. Bring the realm back to what it was before, then apply a new plan: drawbridge rollback ${undo}.`
          : `When the databases can be reached again, try again; or bring the realm back to what it was before: drawbridge rollback ${undo}.`,
      details: { job: job.job, databases: databases.databases },
    });
  const safety =
    applying.safetySnapshot === null ? undefined : kept(catalog, job.job, applying.safetySnapshot);
  const isAll = stored.status === 'applied' || (databases && document.route.transactional);
  return { safety, written: isAll ? 'everything' : databases ? 'databases' : 'part' };
}

/** What was begun and never ended: what it left is known now, but for steps that write at once. */
function settleOpenSteps(job: JournalledContext, catalog: Catalog, { commits }: JournalledWrites): void {
  for (const { seq, intent } of catalog.jobs.unsettledSteps(job.job)) {
    if (intent['direct'] === true) continue;
    const facts = intent['facts'];
    const { outcome } = commits.find((one) => JSON.stringify(one.facts) === JSON.stringify(facts)) ?? {};
    if (facts === undefined || outcome === 'aborted' || outcome === undefined)
      job.outcome(seq, 'failed', { message: 'It was broken off, and left nothing behind.' });
    else if (outcome === 'committed') job.outcome(seq, 'done', { failures: 0, retries: 0 });
  }
}

/** @throws AppError NOT_FOUND where the catalog has lost it: it may be an older copy, or the snapshot was deleted */
function kept(catalog: Catalog, job: string, snapshot: string): SnapshotManifest {
  try {
    return catalog.snapshots.get(snapshot);
  } catch (error) {
    if (!isAppError(error, 'NOT_FOUND')) throw error;
    throw new AppError(
      'NOT_FOUND',
      `The catalog has no snapshot ${snapshot} any more: the target as it was before job ${job}.`,
      {
        notChanged: 'Nothing more was written.',
        remedy:
          'It was deleted, or the catalog is another copy than the job was run with. In the trash it can be taken back: drawbridge snapshot restore-from-trash. Otherwise a new plan shows what is left to do.',
        details: { job, snapshot },
        cause: error,
      },
    );
  }
}

/** The addresses by which an installation is known that has no identity of its own. */
export function addressesOf(catalog: Catalog, environment: string): string[] {
  const { api } = catalog.environments.get(environment);
  return api ? [api.apiUrl, ...(api.gatewayUrl === undefined ? [] : [api.gatewayUrl])] : [];
}

/**
 * Asked before anything else is: an answer of another installation would say nothing.
 *
 * @throws AppError TARGET_CHANGED
 */
export async function requireSameInstallation(
  job: JournalledContext,
  { catalog, connector, stored, document }: Resumed,
): Promise<void> {
  const { applying } = catalog.jobs.get(job.job);
  if (applying?.plan !== stored.id) return;
  const { identities, addresses } = applying;
  const { environment } = document.target;
  const before = identities ?? addresses;
  if (!before) return;
  const now = identities ? await connector.identities?.(job.signal) : addressesOf(catalog, environment);
  if (isDeepStrictEqual(before, now && [...now])) return;
  throw new AppError(
    'TARGET_CHANGED',
    identities
      ? `The databases of ${environment} are not those that job ${job.job} has written to.`
      : `${environment} had another address when job ${job.job} was broken off: ${before.join(', ')}.`,
    {
      notChanged: 'Nothing more was written.',
      remedy: `Give the environment its former address back (drawbridge env update ${environment}), then continue; or make a new plan.`,
      details: { job: job.job, environment },
    },
  );
}

/** What the steps that are done have told, by the journal. */
export function toldSoFar(catalog: Catalog, id: string): StepsSoFar {
  const failed = new Set<string>();
  for (const batch of catalog.jobs.failures(id))
    for (const { section, key } of batch) failed.add(`${section}/${key}`);
  const warnings = new Set<string>();
  let retries = 0;
  for (const { outcome, result, intent } of catalog.jobs.steps(id)) {
    if (outcome !== 'done' || intent['section'] === undefined) continue;
    retries += typeof result?.['retries'] === 'number' ? result['retries'] : 0;
    const told = result?.['warnings'];
    // There may be one a batch of users.
    if (Array.isArray(told))
      for (const text of told)
        if (typeof text === 'string' && warnings.size < MOST_WARNINGS) warnings.add(text);
  }
  return { failed, warnings: [...warnings], retries, issued: catalog.jobs.get(id).issued ?? [] };
}
