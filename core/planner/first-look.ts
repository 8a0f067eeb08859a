import { recordsOf } from '../compare/compare-section.ts';
import { firstComparison } from './first-comparison.ts';
import { RolesOfLines } from './line-glance.ts';
import type { StandingRoles } from './excluded-roles.ts';
import { LearnedOwners, ownerStateOf, usualState, type OwnerState } from './owner-state.ts';
import type { PlanItem } from './plan.ts';
import { planUsers } from './plan-users.ts';
import { planMode, sectionMode, sectionPlan, type PlanInputs } from './section-plan.ts';

/** What has to be known about all users before the first record is planned. */
export interface FirstLook {
  /** Roles that users written by the plan carry. */
  readonly mapped: ReadonlySet<string>;
  /** Roles taken from users because they are excluded. */
  readonly dropped: ReadonlySet<string>;
  readonly standing: StandingRoles;
  /**
   * Users with whom the plan does not do what it usually does with one who is where they are, by name; undefined: too
   * many to be remembered.
   */
  readonly unusual: ReadonlyMap<string, OwnerState> | undefined;
  /** Users written who get no credential from this plan; undefined: too many to be remembered. */
  readonly withoutCredential: ReadonlySet<string> | undefined;
  /** What a whole pass over the credentials finds out about their users, for the passes after it. */
  readonly ownersOfCredentials: LearnedOwners;
}

/** So many users with whom something is the matter are remembered. */
const MOST_REMEMBERED = 20_000;

/**
 * Looks at the users before the roles are planned, since roles come first and some exist only because a user carries
 * them. Holds as many names as there are roles, and so many users as said above.
 */
export async function firstLook(
  inputs: PlanInputs,
  options: { readonly remembered?: number } = {},
): Promise<FirstLook> {
  const { remembered = MOST_REMEMBERED } = options;
  // Before the users are gone through, which would otherwise come upon what differs without being shown the rest.
  await firstComparison(inputs);
  const standing = await standingRoles(inputs);
  const mapped = new Set<string>();
  const dropped = new Set<string>();
  const unusual = new Map<string, OwnerState>();
  const without = new Set<string>();
  const inLines = new RolesOfLines();
  const mode = planMode(inputs.context);
  const usual = usualState(mode, sectionPlan(inputs, 'users'));

  function look(item: PlanItem, kind: Parameters<typeof usual>[0]): void {
    const roles = item.line ? inLines.of(item.line) : item.write?.['roles'];
    if (Array.isArray(roles)) for (const role of roles) if (typeof role === 'string') mapped.add(role);
    for (const note of item.notes ?? [])
      if (note.kind === 'role-left-out' && note.other) dropped.add(note.other);
    if (unusual.size > remembered) return;
    const state = ownerStateOf(mode, item, kind !== 'added');
    if (state.kind !== usual(kind).kind) unusual.set(item.key, state);
  }

  const users = planUsers({ ...inputs, lean: true }, standing, {
    observe: (item, d) => look(item, d.kind),
    withoutCredential: (username) => {
      if (without.size <= remembered) without.add(username);
    },
  });
  for await (const _entries of users);
  return {
    mapped,
    dropped,
    standing,
    unusual: unusual.size > remembered ? undefined : unusual,
    withoutCredential: without.size > remembered ? undefined : without,
    ownersOfCredentials: new LearnedOwners(mode, remembered),
  };
}

/** Needed only to tell whether an excluded role would be created by a mapping. */
export async function standingRoles(inputs: PlanInputs): Promise<StandingRoles> {
  const roles = inputs.target.roles;
  if (!roles || sectionMode(inputs.context, 'roles') === 'overwrite' || !inputs.exclusions.mentions('roles'))
    return undefined;
  const names = new Set<string>();
  for await (const records of recordsOf(roles, inputs.signal))
    for (const record of records) names.add(record.key);
  return names;
}
