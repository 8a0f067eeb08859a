import { compareSection } from '../compare/compare-section.ts';
import type { Difference } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';
import { creationItem, decide } from './decide.ts';
import { item, leftOut } from './items.ts';
import { leftoversText } from './notices.ts';
import type { PlanEntry, PlanItem } from './plan.ts';
import { sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';

/**
 * The realm's own record. It takes the target's name on the way. A source without it (users only, say) can be applied to
 * a realm that exists, and then the realm itself is no part of the plan.
 */
export async function* planRealm(inputs: PlanInputs): AsyncIterable<readonly PlanEntry[]> {
  const name = inputs.context.targetRealm;
  const plan: SectionPlan = { ...sectionPlan(inputs, 'realm'), prepare: (source) => ({ ...source, name }) };
  if (!plan.source || plan.source.chunks.length === 0) {
    if (plan.mode !== 'merge') yield [item(plan, name, { action: 'conflict', reason: 'source-unknown' })];
    return;
  }
  const leftovers = plan.mode === 'create' ? leftoversText(inputs.target) : undefined;
  // "remove" makes an overwrite of it, if only the context says that there are any.
  if (leftovers !== undefined && plan.policy.leftovers !== 'adopt') {
    yield [item(plan, name, { action: 'conflict', reason: 'leftovers', other: leftovers })];
    return;
  }
  for await (const stretch of compareSection(plan.target, plan.source, inputs.signal, { readEqual: true })) {
    if (stretch.kind === 'equal') continue;
    for (const d of stretch.records) {
      const decided = decideRealm(plan, { ...d, key: name });
      yield decided ? [decided] : [{ kind: 'unchanged', section: 'realm', count: 1 }];
    }
  }
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
