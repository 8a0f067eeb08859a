import { writes, type PlanItem } from './plan.ts';
import type { PlanInputs, SectionPlan } from './section-plan.ts';

/**
 * Of a record that the plan would create: another one, whose key the target's server takes for the same; undefined:
 * there is none.
 */
export function sameKey({ lookups }: PlanInputs, plan: SectionPlan, decided: PlanItem): string | undefined {
  const { section } = plan;
  if (!lookups.sameKey || (section !== 'users' && section !== 'clients') || !writes(decided))
    return undefined;
  if (decided.action !== 'create' && plan.mode !== 'overwrite') return undefined;
  return lookups.sameKey(section, decided.key);
}
