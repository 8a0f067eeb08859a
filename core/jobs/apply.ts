import { isDeepStrictEqual } from 'node:util';
import { AppError, isAppError } from '../../contract/errors.ts';
import { counted } from '../../contract/numbers.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { Connector, RouteCapabilities } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { PlanSummary } from '../planner/plan.ts';
import { applyOutcome, type ApplyEnd } from './apply-outcome.ts';
import { stoppedImport } from './apply-stopped.ts';
import { captureRealm } from './capture.ts';
import { requireConfirmation, type Confirmation } from './confirmation.ts';
import { allDone, doneCounts } from './done-counts.ts';
import { derivePlan, repeatedly, type DerivedPlan } from './derive-plan.ts';
import {
  addressesOf,
  earlierWork,
  requireSameInstallation,
  toldSoFar,
  type EarlierWork,
} from './earlier-work.ts';
import { applyTarget } from './gone-users.ts';
import { HEAP_GROWTH, withHeapGrowth } from './heap-growth.ts';
import { PhaseMeter } from './job-context.ts';
import { leftBehind, outcomeOfCommit } from './left-behind.ts';
import { planDocument, type PlanDocument } from './plan-document.ts';
import { resumedSteps } from './resumed-steps.ts';
import { runSteps, Stopped, type ResumedSteps, type StepsOutcome } from './run-steps.ts';
import type { JournalledContext } from './runner.ts';
import { connectorReader, safetySnapshot, sessionReader } from './safety-snapshot.ts';
import { noteUndone, requireSettled } from './settle.ts';
import { withTargetLease } from './target-lease.ts';
import { openHeldTarget, type HeldTarget } from './target-session.ts';
import { verifyRemoved, verifyTarget, type Verification } from './verify-target.ts';

/**
 * Carries out a stored plan: refuses a blocked or unconfirmed one, makes sure that the target is still the one that was
 * previewed, writes step by step with a journal, then captures the target again and holds it against the promise. A job
 * that was broken off goes on where it stopped: then the target must be what was previewed, but for what the job itself
 * has written.
 *
 * @throws AppError PLAN_BLOCKED, CONFIRMATION_NEEDED, PLAN_OUTDATED, TARGET_CHANGED, CATALOG_LOCKED, before anything is
 *   written, and of a resumed job what `earlierWork` throws; later what a step throws, with how far the work came
 */
export async function applyStoredPlan(
  job: JournalledContext,
  catalog: Catalog,
  connector: Connector,
  stored: StoredPlan<JsonObject>,
  given: Confirmation,
): Promise<ApplyEnd> {
  const document = planDocument(stored);
  requireApplicable(job, stored, document);
  requireConfirmation(document, given);
  return withTargetLease(job, catalog.leases, document.target, async (leased) => {
    const applying = { catalog, connector, stored, document };
    if (leased.isResumed) await requireSameInstallation(leased, applying);
    await requireSettled(leased, catalog, connector, document.target, document.undoes);
    await requireSameRoute(leased, connector, document);
    const earlier = leased.isResumed ? await earlierWork(leased, applying) : undefined;
    const end = document.summary.empty
      ? await nothingToDo(leased, applying)
      : await writeAndVerify(leased, applying, earlier);
    if (document.undoes === undefined) return end;
    if (isUndone(end)) noteUndone(catalog, document.undoes, leased.job);
    return { ...end, result: { ...end.result, undid: document.undoes } };
  });
}

interface Applying {
  readonly catalog: Catalog;
  readonly connector: Connector;
  readonly stored: StoredPlan<JsonObject>;
  readonly document: PlanDocument;
}

/** The target is looked at again, and is what the plan was made from: nothing to write is proved by that. */
async function nothingToDo(
  job: JournalledContext,
  { catalog: { snapshots }, connector, stored, document }: Applying,
): Promise<ApplyEnd> {
  const reader = connectorReader(job, snapshots, connector, document);
  const safety = await safetySnapshot(job, snapshots, reader, document);
  return applyOutcome(document, {
    plan: stored.id,
    safety,
    done: allDone(document.summary),
    status: 'nothing-to-do',
  });
}

async function writeAndVerify(
  job: JournalledContext,
  applying: Applying,
  earlier: EarlierWork | undefined,
): Promise<ApplyEnd> {
  const { catalog, connector, stored, document } = applying;
  const derived = derivePlan(job, catalog, document);
  const { safety, written } =
    earlier?.written === 'everything'
      ? { safety: earlier.safety, written: allWritten(job, applying) }
      : await forgettingCaptures(applying, async () => {
          const held = await openHeldTarget(job, connector, document.target.realm);
          return await writeHeld(job, { ...applying, derived, held }, earlier);
        });
  catalog.plans.markApplied(stored.id, job.job);
  // What the writing left in the heap would stand beside what the reading needs.
  const { after, verification } = await withHeapGrowth(
    HEAP_GROWTH.writing,
    async () => await verified(job, applying, { derived, safety, written }),
  );
  const { summary } = document;
  const done =
    written.failures === 0
      ? allDone(summary)
      : await doneCounts({ derived, summary, failed: written.failed, found: verification.found });
  noteFound(job, verification);
  return applyOutcome(document, {
    plan: stored.id,
    safety,
    done,
    ...(after && { after }),
    written,
    verification,
    status: written.failures > 0 ? 'succeeded_with_errors' : 'succeeded',
  });
}

/** What a backup had read of the target when it was broken off is outdated by what is written. */
async function forgettingCaptures<T>({ catalog, document }: Applying, write: () => Promise<T>): Promise<T> {
  catalog.captureMemories.forgetRealm(document.target);
  try {
    return await write();
  } finally {
    catalog.captureMemories.forgetRealm(document.target);
  }
}

interface Writing extends Applying {
  readonly derived: DerivedPlan;
  readonly held: HeldTarget;
}

interface Written {
  readonly safety: SnapshotManifest | undefined;
  readonly written: StepsOutcome;
}

async function writeHeld(
  job: JournalledContext,
  writing: Writing,
  earlier: EarlierWork | undefined,
): Promise<Written> {
  try {
    const safety = earlier ? earlier.safety : await begin(job, writing);
    return await withHeapGrowth(HEAP_GROWTH.writing, async () => {
      await requireSameItems(job, writing.derived, writing.document);
      const resumed = earlier && (await resumedSteps(job, writing, earlier));
      return await writeAll(job, writing, safety, resumed);
    });
  } finally {
    await writing.held.close();
  }
}

/** What was begun is noted before anything can be written: whatever happens, it is known what to go back to. */
async function begin(job: JournalledContext, writing: Writing): Promise<SnapshotManifest | undefined> {
  const { catalog, connector, stored, document, held } = writing;
  const { environment, realm } = document.target;
  const reader = sessionReader(job, catalog.snapshots, held.session, document);
  const safety = await safetySnapshot(job, catalog.snapshots, reader, document);
  const identities = await connector.identities?.(job.signal);
  job.note({
    applying: {
      plan: stored.id,
      environment,
      realm,
      safetySnapshot: safety?.id ?? null,
      ...(identities ? { identities: [...identities] } : { addresses: addressesOf(catalog, environment) }),
    },
  });
  return safety;
}

async function writeAll(
  job: JournalledContext,
  writing: Writing,
  safety: SnapshotManifest | undefined,
  resumed?: ResumedSteps,
): Promise<Written> {
  const { catalog, connector, stored, document, derived, held } = writing;
  const { summary, route } = document;
  const to = applyTarget(catalog.snapshots, document, job.signal);
  const steps = held.session.applySteps(to, repeatedly(derived));
  const items = writeCount(summary, route);
  try {
    const written = await runSteps(job, steps, {
      target: held,
      items,
      transactional: route.transactional,
      commitOutcome: (facts) => outcomeOfCommit(connector, facts),
      ...(resumed && { resumed }),
    });
    return { safety, written };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    // What was not committed is dropped first: then the databases can tell what they hold.
    await held.close();
    const left = await leftBehind(job, writing);
    if (left?.state === 'everything') catalog.plans.markApplied(stored.id, job.job);
    throw stoppedImport(error.cause, {
      job: job.job,
      itemsDone: error.itemsDone,
      items,
      safetySnapshot: safety?.id,
      written: left,
    });
  }
}

/** Of a job that was broken off when all was written: what its journal tells. */
function allWritten(job: JournalledContext, { catalog, document }: Applying): StepsOutcome {
  const { failed, ...told } = toldSoFar(catalog, job.job);
  return {
    ...told,
    items: writeCount(document.summary, document.route),
    failures: failed.size,
    failed: (section, key) => failed.has(`${section}/${key}`),
  };
}

async function verified(
  job: JournalledContext,
  { catalog, connector, document }: Applying,
  done: { derived: DerivedPlan; safety: SnapshotManifest | undefined; written: StepsOutcome },
): Promise<{ after?: SnapshotManifest; verification: Verification }> {
  const { derived, safety, written } = done;
  const { target, summary } = document;
  try {
    if (summary.mode === 'remove')
      return { verification: await verifyRemoved(job, catalog.snapshots, connector, document) };
    const after = await captureRealm(job, connector, catalog.snapshots, {
      environment: target.environment,
      realm: target.realm,
      purpose: 'verification',
      ...(summary.leavesNoRealm && { leftovers: true }),
    });
    const verification = await verifyTarget(job, catalog.snapshots, {
      connector,
      derived,
      summary,
      after,
      failed: written.failed,
      issued: written.issued,
      ...(document.undoes !== undefined && { idsOf: document.source.snapshot }),
    });
    return { after, verification };
  } catch (error) {
    throw unverified(error, { job: job.job, safety, items: written.items, canceled: job.signal.aborted });
  }
}

/** A catalog that is full does not keep a job that has written everything from ending well. */
function noteFound(job: JournalledContext, { found }: Verification): void {
  if (found.size === 0) return;
  try {
    job.noteFound(found);
  } catch (error) {
    if (!isAppError(error, 'DISK_FULL')) throw error;
  }
}

function isUndone({ result, error }: ApplyEnd): boolean {
  return !error && result.deviationCount === 0 && result.failures === 0;
}

/** In an overwrite what is unchanged is written again too. */
function writeCount({ mode, sections }: PlanSummary, { survivors }: RouteCapabilities): number {
  if (survivors) return singleWrites(mode, sections, survivors);
  return Object.values(sections).reduce(
    (sum, counts) =>
      sum + counts.create + counts.update + (mode === 'overwrite' ? counts.unchanged : counts.delete),
    0,
  );
}

/** One by one: in an overwrite, users who return are deleted and created. */
function singleWrites(
  mode: PlanSummary['mode'],
  sections: PlanSummary['sections'],
  survivors: readonly Section[],
): number {
  const replaced = mode === 'overwrite';
  return Object.entries(sections).reduce((sum, [section, counts]) => {
    const own = counts.create + counts.update + counts.delete;
    if (!replaced || survivors.includes(section as Section)) return sum + own;
    const returning = section === 'realm' ? 0 : counts.update + counts.unchanged;
    return sum + own + counts.unchanged + returning;
  }, 0);
}

function requireApplicable(
  job: JournalledContext,
  stored: StoredPlan<JsonObject>,
  document: PlanDocument,
): void {
  const { summary } = document;
  const isByThis = job.isResumed && stored.appliedBy === job.job;
  if (stored.status === 'applied' && !isByThis)
    throw new AppError('PLAN_OUTDATED', `Plan ${stored.id} has been applied already.`, {
      notChanged: 'Nothing was changed.',
      remedy: 'Make a new plan: it shows what is left to do, if anything.',
    });
  if (!summary.blocked) return;
  const conflicts = Object.values(summary.sections).reduce((sum, counts) => sum + counts.conflict, 0);
  throw new AppError(
    'PLAN_BLOCKED',
    `Plan ${stored.id} has ${counted(conflicts, 'conflict')} that must be settled first.`,
    {
      notChanged: 'Nothing was changed.',
      remedy: `${whatShowsConflicts(document)} Settle them, or exclude the records, and apply the new plan.`,
      details: { plan: stored.id, conflicts },
    },
  );
}

function whatShowsConflicts({ source, target, undoes }: PlanDocument): string {
  if (undoes !== undefined) return `What shows them: drawbridge rollback ${undoes}.`;
  const name = target.realm === source.realm ? '' : ` --realm-name ${target.realm}`;
  return `A new plan shows them, and how to settle them: drawbridge plan ${source.snapshot} ${target.environment}${name}.`;
}

/** What the way in can write may change: the server was updated, a right was taken away. */
async function requireSameRoute(
  job: JournalledContext,
  connector: Connector,
  { route, target }: PlanDocument,
): Promise<void> {
  const now = await connector.capabilities(job.signal);
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(now)), route)) return;
  throw new AppError(
    'PLAN_OUTDATED',
    `What can be written to ${target.environment} is not what it was when the plan was made.`,
    {
      notChanged: 'Nothing was changed.',
      remedy: 'Make the plan again and look at its preview.',
    },
  );
}

async function requireSameItems(
  job: JournalledContext,
  derived: DerivedPlan,
  document: PlanDocument,
): Promise<void> {
  const meter = new PhaseMeter(job, 'Checking the plan', 'items');
  const summary = await derived.summarize((entries) => meter.advance(entries.length));
  if (summary.digest === document.summary.digest) return;
  throw new AppError('PLAN_OUTDATED', 'The plan does not come to the same items any more.', {
    notChanged: 'Nothing was changed.',
    remedy: 'This happens after an update of Drawbridge. Make a new plan and look at its preview.',
  });
}

function unverified(
  error: unknown,
  at: { job: string; safety: SnapshotManifest | undefined; items: number; canceled: boolean },
): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  const { code, message } = at.canceled
    ? {
        code: 'CANCELED' as const,
        message: 'Canceled when everything had been written: it was not verified.',
      }
    : {
        code: 'VERIFICATION_FAILED' as const,
        message: `Everything was written, but the target could not be read again to verify it: ${reason}`,
      };
  return new AppError(code, message, {
    notChanged: 'The import was not undone.',
    remedy: `When the target can be read again, this verifies it: drawbridge job resume ${at.job}.${
      at.safety ? ` The target as it was before is snapshot ${at.safety.id}.` : ''
    }`,
    details: { itemsDone: at.items, safetySnapshot: at.safety?.id ?? null },
    cause: error,
  });
}
