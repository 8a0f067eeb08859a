import { compareSection } from '../compare/compare-section.ts';
import type { Difference } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';
import { creationItem, decide } from './decide.ts';
import { withEnabledFate } from './enabled-there.ts';
import { item, leftOut } from './items.ts';
import { deletesLeftovers, leftoversText, leftoversThatStay } from './notices.ts';
import type { PlanEntry, PlanItem } from './plan.ts';
import {
  leavesNoRealm,
  realmGoesAlone,
  sectionPlan,
  type PlanInputs,
  type SectionPlan,
} from './section-plan.ts';

/**
 * The realm's own record. It takes the target's name on the way. A source without it (users only, say) can be applied to
 * a realm that exists, and then the realm itself is no part of the plan.
 */
export async function* planRealm(inputs: PlanInputs): AsyncIterable<readonly PlanEntry[]> {
  const name = inputs.context.targetRealm;
  const plan: SectionPlan = { ...sectionPlan(inputs, 'realm'), prepare: (source) => ({ ...source, name }) };
  if (leavesNoRealm(inputs.context)) {
    const decided = decideNoRealm(inputs, plan);
    if (decided) yield [decided];
    return;
  }
  if (!plan.source || plan.source.chunks.length === 0) {
    if (plan.mode !== 'merge') yield [item(plan, name, { action: 'conflict', reason: 'source-unknown' })];
    return;
  }
  const leftovers = unsettledLeftovers(inputs, plan);
  if (leftovers) {
    yield [leftovers];
    return;
  }
  for await (const stretch of compareSection(plan.target, plan.source, inputs.signal, { readEqual: true })) {
    if (stretch.kind === 'equal') continue;
    for (const d of stretch.records) {
      const there = { ...d, key: name };
      const decided = decideRealm(plan, there);
      yield decided
        ? [withEnabledFate(plan, decided, there)]
        : [{ kind: 'unchanged', section: 'realm', count: 1 }];
    }
  }
}

/** What is there of a realm that is not, where nobody decided about it. */
function unsettledLeftovers(inputs: PlanInputs, plan: SectionPlan): PlanItem | undefined {
  const leftovers = plan.mode === 'create' ? leftoversText(inputs.target) : undefined;
  // "remove" makes an overwrite of it, if only the context says that there are any.
  if (leftovers === undefined || plan.policy.leftovers === 'adopt') return undefined;
  const name = inputs.context.targetRealm;
  if (!deletesLeftovers(inputs))
    return item(plan, name, { action: 'conflict', reason: 'leftovers-stay', other: leftovers });
  const stay = leftoversThatStay(inputs);
  return item(plan, name, {
    action: 'conflict',
    reason: 'leftovers',
    other: leftovers,
    ...(stay !== undefined && { warning: stay }),
  });
}

/** What a deleted realm left behind comes back as it was, without a realm: one that is there goes. */
function decideNoRealm(inputs: PlanInputs, plan: SectionPlan): PlanItem | undefined {
  const { route, targetRealm: name, targetExists } = inputs.context;
  if (!route.writesWithoutRealm) return item(plan, name, { action: 'conflict', reason: 'source-unknown' });
  if (plan.mode === 'create') return unsettledLeftovers(inputs, plan);
  const alone = realmGoesAlone(inputs.context);
  if (!alone && !route.overwriteRealm)
    return item(plan, name, { action: 'conflict', reason: 'route-cannot' });
  if (plan.exclusions.excludes('realm', name))
    return item(plan, name, {
      action: 'conflict',
      reason: 'excluded',
      warning: 'The source has no realm to put in its place: merge into it to keep it.',
    });
  if (!targetExists) return undefined;
  return item(plan, name, {
    action: 'delete',
    reason: alone ? 'only-in-target-deleted' : 'deleted-with-realm',
  });
}

function decideRealm(plan: SectionPlan, d: Difference): PlanItem | undefined {
  const changes = d.kind === 'changed' ? d.changes : [];
  const excluded = plan.exclusions.excludes('realm', d.key);
  if (plan.mode === 'merge') {
    if (excluded) return leftOut(plan, d, 'skip', { reason: 'excluded' });
    if (plan.policy.realm === 'stop')
      return item(plan, d.key, { action: 'conflict', reason: 'realm-exists', changes });
    return decide(plan, d);
  }
  if (excluded)
    return item(plan, d.key, {
      action: 'conflict',
      reason: 'excluded',
      warning: 'The realm itself cannot be left out when it is to be created.',
    });
  // Never left out by policy: the rest of the plan stands or falls with it.
  const required: SectionPlan = {
    ...plan,
    policy: { ...plan.policy, unsupported: 'stop', conflicts: 'stop' },
  };
  if (plan.mode === 'overwrite') {
    if (!plan.capabilities.overwriteRealm)
      return item(plan, d.key, { action: 'conflict', reason: 'route-cannot', changes });
    if (d.kind !== 'added') return decide(required, d);
  }
  if (plan.creatable !== 'yes' || d.kind === 'removed')
    return item(plan, d.key, { action: 'conflict', reason: 'route-cannot' });
  return creationItem(required, d, plan.prepare!(parseLine(d.right)), 'only-in-source');
}
