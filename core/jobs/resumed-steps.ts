import { recordFinder } from '../compare/record-finder.ts';
import type { Catalog } from '../catalog/index.ts';
import type { BegunBefore } from '../connectors/connector.ts';
import { splitItem } from '../connectors/both/channels.ts';
import { repeatedly, type DerivedPlan } from './derive-plan.ts';
import { toldSoFar, type EarlierWork } from './earlier-work.ts';
import { applyTarget } from './gone-users.ts';
import { requireOwnChangesOnly } from './own-changes.ts';
import type { PlanDocument } from './plan-document.ts';
import { resumePoint } from './resume-point.ts';
import type { ResumedSteps, StepsSoFar } from './run-steps.ts';
import type { JournalledContext } from './runner.ts';
import type { HeldTarget } from './target-session.ts';

interface Writing {
  readonly catalog: Catalog;
  readonly document: PlanDocument;
  readonly derived: DerivedPlan;
  readonly held: HeldTarget;
}

/**
 * Where a job that was broken off goes on, once it is certain that nobody else has changed the target meanwhile.
 *
 * @throws AppError PLAN_OUTDATED, TARGET_CHANGED
 */
export async function resumedSteps(
  job: JournalledContext,
  { catalog, document, derived, held }: Writing,
  { written }: EarlierWork,
): Promise<ResumedSteps> {
  const { route } = document;
  const to = applyTarget(catalog.snapshots, document, job.signal);
  const databasesWritten = written === 'databases';
  const point = await resumePoint(
    catalog.jobs.steps(job.job),
    held.session.applySteps(to, repeatedly(derived)),
    {
      databasesWritten,
      transactional: route.transactional,
      leftToCalls: (item) => splitItem(route, to, item).api,
    },
  );
  const soFar = toldSoFar(catalog, job.job);
  const found = await requireOwnChangesOnly(job, {
    snapshots: catalog.snapshots,
    session: held.session,
    document,
    derived,
    point,
    soFar,
  });
  const { steps, items, open } = point;
  const before = begunBefore(derived, soFar);
  if (!open || found === 'open')
    return { steps, items, ...(open && { open: open.seq }), databasesWritten, soFar, before };
  job.outcome(open.seq, 'done', { failures: 0, retries: 0 });
  return { steps: steps + 1, items: items + open.step.items, databasesWritten, soFar, before };
}

function begunBefore({ sides }: DerivedPlan, { issued }: StepsSoFar): BegunBefore {
  return {
    async isAccountedFor(section, key) {
      if (issued.some((of) => of.section === section && of.issued === key)) return true;
      const side = sides.target[section];
      return side !== undefined && (await recordFinder(side).find(key)) !== undefined;
    },
  };
}
