import type { SnapshotSides } from '../compare/section-side.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { withDroppedRoles, withoutExcludedRoles, type StandingRoles } from './excluded-roles.ts';
import { firstLook, type FirstLook } from './first-look.ts';
import { planNotices } from './notices.ts';
import type { PlanContext, PlanEntry, PlanLookups } from './plan.ts';
import { planClients } from './plan-clients.ts';
import { planInputs } from './plan-inputs.ts';
import { planOwned } from './plan-owned.ts';
import { planRealm } from './plan-realm.ts';
import { planRemoval } from './plan-removal.ts';
import { planRoles } from './plan-roles.ts';
import { planPutBack } from './put-back.ts';
import { planUsers } from './plan-users.ts';
import { isPutBack, planMode, sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
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

export interface PassOptions {
  /**
   * For whoever only writes, counts or verifies: what is created is not told member by member, and of what is created
   * just as it stands in its line only the line is given. Several times faster; it comes to the same digest.
   */
  readonly lean?: true;
}

export interface PreparedPlan {
  entries(options?: PassOptions): AsyncIterable<readonly PlanEntry[]>;
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
): PreparedPlan {
  let known: FirstLook | undefined;
  return {
    async *entries({ lean }: PassOptions = {}) {
      const all = planInputs(context, sides, lookups, signal);
      const inputs: PlanInputs = lean ? { ...all, lean } : all;
      if (planMode(context) === 'remove') {
        yield* planRemoval(inputs);
        return;
      }
      known ??= await firstLook(inputs);
      const look = known;
      const notices = await planNotices(inputs, look.dropped);
      if (notices.length > 0) yield notices;
      for (const section of SECTIONS) yield* planSection(inputs, section, look);
    },
  };
}

function planSection(
  inputs: PlanInputs,
  section: Section,
  look: FirstLook,
): AsyncIterable<readonly PlanEntry[]> {
  if (section === 'realm') return planRealm(inputs);
  if (section === 'roles') return planRoles(inputs, look.mapped);
  if (section === 'clients') return planClients(inputs);
  if (section === 'users') return planUsers(inputs, look.standing, look);
  if (section === 'credentials' || section === 'socialLinks') return planOwned(inputs, section, look);
  const plan = sectionPlan(inputs, section);
  if (isPutBack(plan, inputs.context)) return planPutBack(inputs, plan, look.mapped);
  if (section === 'groups') return planGroups(inputs, plan, look.standing);
  return walkSection(plan, stretchesOf(plan, inputs.signal));
}

/** A group does not bring a role back that was left out. */
function planGroups(
  inputs: PlanInputs,
  base: SectionPlan,
  standing: StandingRoles,
): AsyncIterable<readonly PlanEntry[]> {
  const plan = { ...base, prepare: withoutExcludedRoles(inputs, standing) };
  return walkSection(plan, stretchesOf(plan, inputs.signal), (decided, d) =>
    withDroppedRoles(inputs, standing, decided, d),
  );
}
