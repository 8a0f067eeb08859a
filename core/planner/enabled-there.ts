import type { Difference } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';
import { item, withNotes } from './items.ts';
import type { PlanItem } from './plan.ts';
import type { SectionPlan } from './section-plan.ts';

/**
 * What is disabled in the source and cannot be disabled over the route goes live: people can log in who must not. Of all
 * that a route cannot set this alone is a conflict whatever else is written of the record, be it created or changed, until
 * somebody has decided (`unsupported: skip`); then it is told, and left to a person.
 *
 * @param plan with the administrator's own policy
 */
export function withEnabledFate(plan: SectionPlan, decided: PlanItem, d: Difference): PlanItem {
  if (!decided.cannotSet?.includes('enabled') || d.kind === 'removed') return decided;
  if (parseLine(d.right)['enabled'] !== false) return decided;
  if (plan.policy.unsupported === 'skip') return withNotes(decided, [{ kind: 'enabled-there' }]);
  const { key, changes, cannotSet } = decided;
  return item(plan, key, { action: 'conflict', reason: 'enabled-there', changes, cannotSet });
}
