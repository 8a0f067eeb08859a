import type { SnapshotSides } from '../compare/section-side.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { parseExclusions } from './exclusions.ts';
import { planNotices } from './notices.ts';
import type { PlanContext, PlanEntry, PlanLookups } from './plan.ts';
import { planClients } from './plan-clients.ts';
import { planOwned } from './plan-owned.ts';
import { planRealm } from './plan-realm.ts';
import { planRemoval } from './plan-removal.ts';
import { planRoles } from './plan-roles.ts';
import { planUsers } from './plan-users.ts';
import { roleReferences, type RoleReferences } from './role-references.ts';
import { planMode, sectionPlan, type PlanInputs } from './section-plan.ts';
import { stretchesOf, walkSection } from './walk-section.ts';

export interface PlanSides {
  readonly target: SnapshotSides;
  readonly source: SnapshotSides;
}

/**
 * The plan, as a stream in bounded batches: notices, then the sections in the order of SECTIONS, each in key order. A
 * pure function of what is handed in: the same inputs give the same entries, so an apply derives them again.
 *
 * In a merge, what is equal is counted without being read. An overwrite writes everything again, so there each record
 * is an item, and an `unchanged` one has a `write` as well. Where the realm exists and the policy is to stop, the realm
 * is a conflict and the rest stands as a merge would have it. Removing a realm needs no source.
 *
 * @throws AppError USAGE for an exclusion that cannot be read; CANCELED; what reading a chunk throws
 */
export function planItems(
  context: PlanContext,
  sides: PlanSides,
  lookups: PlanLookups = {},
  signal?: AbortSignal,
): AsyncIterable<readonly PlanEntry[]> {
  return preparedPlan(context, sides, lookups, signal).entries();
}

/**
 * As `planItems`, for entries that are needed several times: which roles the users carry takes a pass over all users to
 * be written, and is remembered once a first pass has found it out.
 */
export function preparedPlan(
  context: PlanContext,
  sides: PlanSides,
  lookups: PlanLookups = {},
  signal?: AbortSignal,
): { entries(): AsyncIterable<readonly PlanEntry[]> } {
  let known: RoleReferences | undefined;
  return {
    async *entries() {
      const exclusions = parseExclusions(context.policy.exclude);
      const inputs: PlanInputs = { context, ...sides, lookups, exclusions, signal };
      if (planMode(context) === 'remove') {
        yield* planRemoval(inputs);
        return;
      }
      known ??= await roleReferences(inputs);
      const references = known;
      const notices = await planNotices(inputs, references.dropped);
      if (notices.length > 0) yield notices;
      for (const section of SECTIONS) yield* planSection(inputs, section, references);
    },
  };
}

function planSection(
  inputs: PlanInputs,
  section: Section,
  references: RoleReferences,
): AsyncIterable<readonly PlanEntry[]> {
  if (section === 'realm') return planRealm(inputs);
  if (section === 'roles') return planRoles(inputs, references.mapped);
  if (section === 'clients') return planClients(inputs);
  if (section === 'users') return planUsers(inputs, references.standing);
  if (section === 'credentials' || section === 'socialLinks')
    return planOwned(inputs, section, references.standing);
  const plan = sectionPlan(inputs, section);
  return walkSection(plan, stretchesOf(plan, inputs.signal));
}
