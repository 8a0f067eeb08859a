import { recordsOf } from '../compare/compare-section.ts';
import { isPlanItem } from './plan.ts';
import { planUsers, type StandingRoles } from './plan-users.ts';
import { isSelected, planMode, type PlanInputs } from './section-plan.ts';

export interface RoleReferences {
  /** Roles that users written by the plan carry. */
  readonly mapped: ReadonlySet<string>;
  /** Roles taken from users because they are excluded. */
  readonly dropped: ReadonlySet<string>;
  readonly standing: StandingRoles;
}

/**
 * Looks at the users before the roles are planned, since roles come first and some exist only because a user carries
 * them. Holds as many names as there are roles.
 */
export async function roleReferences(inputs: PlanInputs): Promise<RoleReferences> {
  const standing = await standingRoles(inputs);
  const mapped = new Set<string>();
  const dropped = new Set<string>();
  if (inputs.source.users && isSelected(inputs.context.policy, 'users')) {
    for await (const entries of planUsers({ ...inputs, terse: true }, standing)) {
      for (const entry of entries) {
        if (!isPlanItem(entry) || !entry.write) continue;
        const roles = entry.write['roles'];
        if (Array.isArray(roles)) for (const role of roles) if (typeof role === 'string') mapped.add(role);
        for (const note of entry.notes ?? [])
          if (note.kind === 'role-left-out' && note.other) dropped.add(note.other);
      }
    }
  }
  return { mapped, dropped, standing };
}

/** Needed only to tell whether an excluded role would be created by a mapping. */
export async function standingRoles(inputs: PlanInputs): Promise<StandingRoles> {
  const roles = inputs.target.roles;
  if (!roles || planMode(inputs.context) === 'overwrite' || !inputs.exclusions.mentions('roles'))
    return undefined;
  const names = new Set<string>();
  for await (const records of recordsOf(roles, inputs.signal))
    for (const record of records) names.add(record.key);
  return names;
}
