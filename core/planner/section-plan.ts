import type { IdSection, RouteCapabilities, SectionRoute } from '../connectors/connector.ts';
import { recordComparer, type RecordComparer } from '../compare/member-changes.ts';
import { emptySide, recordCount, type SectionSide, type SnapshotSides } from '../compare/section-side.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { Exclusions } from './exclusions.ts';
import { isIdSection, keepsIds } from './ids.ts';
import type { LineGlance } from './line-glance.ts';
import type { PlanContext, PlanLookups, PlanSummary, Policy, SectionCounts, TakenIds } from './plan.ts';
import type { SingleUpdates } from './single-updates.ts';

export type PlanMode = PlanSummary['mode'];

/** Everything a plan is made of, and nothing else: the same inputs give the same plan. */
export interface PlanInputs {
  readonly context: PlanContext;
  readonly target: SnapshotSides;
  readonly source: SnapshotSides;
  readonly lookups: PlanLookups;
  readonly exclusions: Exclusions;
  readonly updates: SingleUpdates;
  readonly signal?: AbortSignal | undefined;
  /** What is created is not told member by member, and what is created as it stands in its line not even parsed. */
  readonly lean?: true;
}

/** What the decisions about one section depend on. */
export interface SectionPlan {
  readonly section: Section;
  readonly mode: PlanMode;
  readonly policy: Policy;
  readonly capabilities: RouteCapabilities;
  readonly route: SectionRoute;
  readonly creatable: Creatable;
  /** False: the target was not captured here, so that nobody can tell what is there. */
  readonly targetKnown: boolean;
  /** Empty where nothing is there, or known. */
  readonly target: SectionSide;
  /** Undefined: the source did not capture it, or it was not selected. */
  readonly source: SectionSide | undefined;
  readonly exclusions: Exclusions;
  readonly updates: SingleUpdates;
  readonly lean: boolean;
  /** Where many records are to be expected. */
  readonly glance?: LineGlance | undefined;
  readonly comparer: RecordComparer;
  /** Compares what the target has with what replaces it: what is not written is not there. */
  readonly replacement: RecordComparer;
  readonly targetKnows: readonly string[];
  readonly sourceKnows: ReadonlySet<string>;
  /** Last changes to a source record before it is decided on; returns it as it was where there are none. */
  readonly prepare?: (source: JsonObject) => JsonObject;
  /** Role names that users written by this plan carry. */
  readonly mappedRoles?: ReadonlySet<string>;
  /** Whether the plan decides about the ids of what it creates. */
  readonly keepsIds: boolean;
  readonly takenIds: TakenIds[IdSection];
  /** Lines of at most so many bytes hold no text that is too long. */
  readonly smallestLimit: number;
  /** The realm is replaced, and what the target has of this section stays all the same. */
  readonly survives: boolean;
  /** What the source lacks may only not have been seen: nothing is deleted for that. */
  readonly absenceInDoubt: boolean;
  /** Items tell the id of the record on the target: the API, alone or beside the databases, finds users by it. */
  readonly writesById: boolean;
}

export type Creatable = 'yes' | 'by-mapping' | 'no';

export function planMode(context: PlanContext): PlanMode {
  const { policy, targetExists } = context;
  if (policy.realm === 'remove') return 'remove';
  if (!targetExists)
    return targetHasLeftovers(context) && policy.leftovers === 'remove' ? 'overwrite' : 'create';
  return policy.realm === 'overwrite' ? 'overwrite' : 'merge';
}

/** What outlives its realm is merged into the one that takes its place. */
export function sectionMode(context: PlanContext, section: Section): PlanMode {
  const mode = planMode(context);
  return mode === 'overwrite' && survives(context.route, section) ? 'merge' : mode;
}

export function survives({ survivors }: RouteCapabilities, section: Section): boolean {
  return survivors?.includes(section) === true;
}

/** Whether the sides of a realm that does not exist hold records that one of its name left behind. */
export function hasLeftovers(target: SnapshotSides): boolean {
  return Object.values(target).some((side) => recordCount(side) > 0);
}

/** Whether the target's realm does not exist, but leftovers of its name do. */
export function targetHasLeftovers({ targetLeftovers = {} }: PlanContext): boolean {
  return Object.keys(targetLeftovers).length > 0;
}

/** What one of its name left behind, in numbers: sections of which there is something. */
export function leftoverCounts(target: SnapshotSides): SectionCounts {
  return Object.fromEntries(
    SECTIONS.flatMap((section) => {
      const side = target[section];
      const count = side ? recordCount(side) : 0;
      return count > 0 ? [[section, count]] : [];
    }),
  );
}

/** Whether what one of its name left behind is deleted before the realm is created. */
export function removesLeftovers(context: PlanContext): boolean {
  return planMode(context) === 'overwrite' && !context.targetExists && !leavesNoRealm(context);
}

/** What of the target's leftovers goes, and what stays. */
export function leftoversFate({
  route,
  targetLeftovers = {},
}: PlanContext): NonNullable<PlanSummary['leftovers']> {
  const of = (stay: boolean): SectionCounts =>
    Object.fromEntries(
      Object.entries(targetLeftovers).filter(([section]) => survives(route, section as Section) === stay),
    );
  return { deleted: of(false), staying: of(true) };
}

/** Whether a source is known to be without a realm, and holds what a deleted one left behind. */
export function isOfNoRealm(source: SnapshotSides): boolean {
  return source.realm !== undefined && recordCount(source.realm) === 0 && hasLeftovers(source);
}

/** Whether there is no realm once the plan is applied: it brings back what a deleted one had left behind. */
export function leavesNoRealm(context: PlanContext): boolean {
  const mode = planMode(context);
  if (context.sourceIsOfNoRealm !== true) return false;
  return mode === 'create' || mode === 'overwrite' || realmGoesAlone(context);
}

/**
 * Whether the realm is deleted and what bears its name stays, but for what the source lacks: where a route deletes the
 * one without the other, an exact merge brings back also that there was no realm.
 */
export function realmGoesAlone({ policy, route, targetExists, sourceIsOfNoRealm }: PlanContext): boolean {
  return (
    targetExists &&
    sourceIsOfNoRealm === true &&
    policy.realm === 'merge' &&
    policy.exact === true &&
    route.sections.realm.delete
  );
}

export function isSelected(policy: Policy, section: Section): boolean {
  return policy.sections === undefined || policy.sections.includes(section);
}

export function sectionPlan(inputs: PlanInputs, section: Section): SectionPlan {
  const { context } = inputs;
  const mode = sectionMode(context, section);
  const isSurvivor = mode !== planMode(context);
  const route = routeOf(context, section);
  const target = inputs.target[section];
  const source = isSelected(context.policy, section) ? inputs.source[section] : undefined;
  return {
    section,
    mode,
    // What is there cannot be kept from staying, and is changed as far as the route can.
    policy: isSurvivor ? { ...context.policy, extra: 'keep', clients: 'update' } : context.policy,
    capabilities: context.route,
    route,
    creatable: creatable(route, mode),
    targetKnown: target !== undefined || mode === 'create',
    target: target ?? emptySide(section),
    source,
    exclusions: inputs.exclusions,
    updates: inputs.updates,
    lean: inputs.lean === true,
    comparer: recordComparer(section, target?.knows ?? [], source?.knows ?? []),
    replacement: recordComparer(section, target?.knows ?? [], 'all'),
    targetKnows: target?.knows ?? [],
    sourceKnows: new Set(source?.knows),
    keepsIds: keepsIds(context.route, section),
    takenIds: isIdSection(section) ? inputs.lookups.takenIds?.[section] : undefined,
    survives: isSurvivor,
    // Putting a realm back as it was is confirmed for itself, and there is no other source to take.
    absenceInDoubt: context.sourceInDoubt === true && !context.policy.exact,
    writesById:
      section === 'users' &&
      (context.route.survivors !== undefined || (route.channels !== undefined && mode === 'merge')),
    smallestLimit: Math.min(...Object.values(route.textLimits ?? {})),
  };
}

/** Where the server gives keys of its own, records are created only if that is wished. */
function routeOf({ policy, route }: PlanContext, section: Section): SectionRoute {
  const of = route.sections[section];
  if (section !== 'clients' || policy.issuedClients !== 'create' || !of.createUnderNewKey) return of;
  return { ...of, create: 'yes', createMembers: of.createUnderNewKey };
}

/**
 * Whether what the source does not tell about is put back as the target has it; what belongs to a user, with that user.
 * Leftovers that are to be removed are not.
 */
export function keptThroughOverwrite({ route, targetExists }: PlanContext, section: Section): boolean {
  return PUT_BACK.has(section) && targetExists && !route.overwriteLosesSecrets;
}

const PUT_BACK: ReadonlySet<Section> = new Set(['groups', 'policies', 'credentials', 'socialLinks']);

/** Whether this section is put back as a whole in an overwrite, for want of anything in the source. */
export function isPutBack(plan: SectionPlan, context: PlanContext): boolean {
  return (
    plan.mode === 'overwrite' &&
    !plan.source &&
    plan.creatable === 'yes' &&
    keptThroughOverwrite(context, plan.section)
  );
}

function creatable(route: SectionRoute, mode: PlanMode): Creatable {
  if (mode === 'remove') return 'no';
  if (mode === 'merge') return route.create === 'with-realm' ? 'no' : route.create;
  if (route.createWithRealm || route.create === 'with-realm') return 'yes';
  return route.create;
}
