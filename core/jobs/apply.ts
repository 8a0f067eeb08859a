import { AppError, throwIfAborted } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { Connector, TargetSession } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { PlanSummary } from '../planner/plan.ts';
import { applyOutcome, type ApplyEnd } from './apply-outcome.ts';
import { captureRealm } from './capture.ts';
import { requireConfirmation, type Confirmation } from './confirmation.ts';
import { derivePlan, type DerivedPlan } from './derive-plan.ts';
import { PhaseMeter } from './job-context.ts';
import { planDocument, type PlanDocument } from './plan-document.ts';
import { runSteps, type StepsOutcome } from './run-steps.ts';
import type { JournalledContext } from './runner.ts';
import { safetySnapshot } from './safety-snapshot.ts';
import { withTargetLease } from './target-lease.ts';
import { verifyTarget } from './verify-target.ts';

/**
 * Carries out a stored plan: refuses a blocked or unconfirmed one, makes sure that the target is still the one that was
 * previewed, writes step by step with a journal, then captures the target again and holds it against the promise.
 *
 * @throws AppError PLAN_BLOCKED, CONFIRMATION_NEEDED, PLAN_OUTDATED, TARGET_CHANGED, CATALOG_LOCKED, before anything is
 *   written; later what a step throws, with how far the work came
 */
export async function applyStoredPlan(
  job: JournalledContext,
  catalog: Catalog,
  connector: Connector,
  stored: StoredPlan<JsonObject>,
  given: Confirmation,
): Promise<ApplyEnd> {
  const document = planDocument(stored);
  requireApplicable(stored, document);
  requireConfirmation(document, given);
  return withTargetLease(job, catalog.leases, document.target, async (leased) => {
    const safety = await safetySnapshot(leased, catalog.snapshots, connector, document);
    const derived = derivePlan(leased, catalog, await connector.capabilities(leased.signal), document);
    await requireSameItems(leased, derived, document);
    return writeAndVerify(leased, { catalog, connector, stored, document, derived, safety });
  });
}

interface Applying {
  readonly catalog: Catalog;
  readonly connector: Connector;
  readonly stored: StoredPlan<JsonObject>;
  readonly document: PlanDocument;
  readonly derived: DerivedPlan;
  readonly safety: SnapshotManifest | undefined;
}

async function writeAndVerify(job: JournalledContext, applying: Applying): Promise<ApplyEnd> {
  const { catalog, connector, stored, document, derived, safety } = applying;
  const { summary, target } = document;
  if (summary.empty)
    // The target was captured a moment ago and is what the plan was made from: nothing to write is proved by that.
    return applyOutcome(document, { plan: stored.id, safety, status: 'nothing-to-do' });
  const session = await connector.openTarget(target.realm, {}, job.signal);
  const written = await writeAll(job, session, applying);
  catalog.plans.markApplied(stored.id, job.job);
  const after = await captureRealm(job, connector, catalog.snapshots, {
    environment: target.environment,
    realm: target.realm,
    purpose: 'verification',
  }).catch((error: unknown) => {
    throwIfAborted(job.signal);
    throw unverified(error, safety);
  });
  const verification = await verifyTarget(job, catalog.snapshots, {
    derived,
    summary,
    after,
    failed: written.failed,
  });
  return applyOutcome(document, {
    plan: stored.id,
    safety,
    after,
    written,
    verification,
    status: written.failures > 0 ? 'succeeded_with_errors' : 'succeeded',
  });
}

async function writeAll(
  job: JournalledContext,
  session: TargetSession,
  { document: { summary, target }, derived, safety }: Applying,
): Promise<StepsOutcome> {
  try {
    const steps = session.applySteps({ realm: target.realm, mode: summary.mode }, derived.writes());
    return await runSteps(job, steps, { items: writeCount(summary), safetySnapshot: safety?.id });
  } finally {
    await session.close();
  }
}

/** In an overwrite what is unchanged is written again too. */
function writeCount({ mode, sections }: PlanSummary): number {
  return Object.values(sections).reduce(
    (sum, counts) =>
      sum + counts.create + counts.update + (mode === 'overwrite' ? counts.unchanged : counts.delete),
    0,
  );
}

function requireApplicable(stored: StoredPlan<JsonObject>, { summary }: PlanDocument): void {
  if (stored.status === 'applied')
    throw new AppError('PLAN_OUTDATED', `Plan ${stored.id} has been applied already.`, {
      notChanged: 'Nothing was changed.',
      remedy: 'Make a new plan: it shows what is left to do, if anything.',
    });
  if (!summary.blocked) return;
  const conflicts = Object.values(summary.sections).reduce((sum, counts) => sum + counts.conflict, 0);
  throw new AppError(
    'PLAN_BLOCKED',
    `Plan ${stored.id} has ${conflicts} conflicts that must be settled first.`,
    {
      notChanged: 'Nothing was changed.',
      remedy: `See them with: drawbridge plan show ${stored.id}. Then plan again with a policy that settles them, or exclude the records.`,
      details: { plan: stored.id, conflicts },
    },
  );
}

async function requireSameItems(
  job: JournalledContext,
  derived: DerivedPlan,
  document: PlanDocument,
): Promise<void> {
  const meter = new PhaseMeter(job, 'Checking the plan', 'items');
  const summary = await derived.summarize((items) => meter.advance(items));
  if (summary.digest === document.summary.digest) return;
  throw new AppError('PLAN_OUTDATED', 'The plan does not come to the same items any more.', {
    notChanged: 'Nothing was changed.',
    remedy: 'This happens after an update of Drawbridge. Make a new plan and look at its preview.',
  });
}

function unverified(error: unknown, safety: SnapshotManifest | undefined): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError(
    'VERIFICATION_FAILED',
    `Everything was written, but the target could not be read again to verify it: ${reason}`,
    {
      remedy: `Compare the source with the target when it can be read again.${
        safety ? ` The target as it was before is snapshot ${safety.id}.` : ''
      }`,
      cause: error,
    },
  );
}
