import type { Difference } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject } from '../model/record.ts';
import { withNotes } from './items.ts';
import type { PlanItem } from './plan.ts';
import type { PlanInputs } from './section-plan.ts';

/** Role names that exist on the target and stay; undefined: unknown, or all of them go. */
export type StandingRoles = ReadonlySet<string> | undefined;

/** A role that is unknown is created when it is given to a user or a group: one that was left out must not come back so. */
export function withoutExcludedRoles(
  inputs: PlanInputs,
  standing: StandingRoles,
): ((source: JsonObject) => JsonObject) | undefined {
  if (!inputs.exclusions.mentions('roles')) return undefined;
  return (source) => {
    const roles = source['roles'];
    if (!Array.isArray(roles)) return source;
    const kept = roles.filter((role) => typeof role !== 'string' || !isDropped(inputs, standing, role));
    return kept.length === roles.length ? source : { ...source, roles: kept };
  };
}

/** Tells which roles it does not get for that. */
export function withDroppedRoles(
  inputs: PlanInputs,
  standing: StandingRoles,
  decided: PlanItem,
  d: Difference,
): PlanItem {
  if (!decided.write || d.kind === 'removed' || !inputs.exclusions.mentions('roles')) return decided;
  const roles = parseLine(d.right)['roles'];
  if (!Array.isArray(roles)) return decided;
  const dropped = roles
    .filter((role) => typeof role === 'string')
    .filter((role) => isDropped(inputs, standing, role));
  return withNotes(
    decided,
    dropped.map((role) => ({ kind: 'role-left-out', other: role })),
  );
}

function isDropped(inputs: PlanInputs, standing: StandingRoles, role: string): boolean {
  return inputs.exclusions.excludes('roles', role) && !standing?.has(role);
}
