import type { PlanView } from '../../contract/plan.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import { shownPlan } from '../jobs/plan-document.ts';
import type { JsonObject } from '../model/record.ts';

/** A stored plan as the contract shows it: everything but its items. */
export function storedPlanView(plan: StoredPlan<JsonObject>): PlanView {
  const { source, target, policy, undoes, summary } = shownPlan(plan);
  const { mode, destructive, blocked, empty, losses, sections, cannotSet, warnings, channels, idsDiffer } =
    summary;
  return {
    plan: plan.id,
    createdAt: plan.createdAt,
    applied: plan.status === 'applied',
    source: { ...source },
    target: { ...target },
    mode,
    destructive,
    blocked,
    empty,
    ...(summary.leavesNoRealm && { leavesNoRealm: true as const }),
    ...(summary.leftovers && {
      leftovers: { deleted: { ...summary.leftovers.deleted }, staying: { ...summary.leftovers.staying } },
    }),
    ...(summary.orphanedRoleMappings !== undefined && {
      orphanedRoleMappings: summary.orphanedRoleMappings,
    }),
    losses: { ...losses, records: { ...losses.records } },
    sections: Object.fromEntries(Object.entries(sections).map(([name, counts]) => [name, { ...counts }])),
    cannotSet: cannotSet.map((entry) => ({ ...entry })),
    warnings: [...warnings],
    ...(channels && { channels: { ...channels } }),
    ...(idsDiffer !== undefined && { idsDiffer }),
    ...(undoes !== undefined && { undoes }),
    policy: {
      ...policy,
      exclude: [...policy.exclude],
      update: policy.update ? [...policy.update] : undefined,
      only: policy.only ? [...policy.only] : undefined,
      sections: policy.sections ? [...policy.sections] : undefined,
    },
  };
}
