import { AppError } from '../../contract/errors.ts';
import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { LooseSection, RouteCapabilities } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import type { PlanSummary, Policy, TakenIds } from '../planner/plan.ts';

/** Raised whenever what a plan is derived from changes its form. */
export const PLAN_VERSION = 2;

/**
 * A stored plan: what it was made from and what it came to. Its items are derived from this again whenever they are
 * needed, without asking the environment anything; the digest in the summary proves that they are the same.
 */
export interface PlanDocument {
  readonly version: typeof PLAN_VERSION;
  readonly source: {
    readonly snapshot: string;
    readonly realm: string;
    readonly environment?: string;
    /** Of a pseudonymised copy: where what it is a copy of was taken. */
    readonly pseudonymized?: { readonly environment?: string };
  };
  readonly target: {
    readonly environment: string;
    readonly stage: string;
    readonly realm: string;
    readonly exists: boolean;
    /** The target as it was captured for this plan, or what a deleted realm of its name left behind; none when there was nothing. */
    readonly snapshot?: string;
  };
  readonly policy: Policy;
  /** What the channel to the environment could write when the plan was made. */
  readonly route: RouteCapabilities;
  /** Client ids of the source that another realm of the target's server owns, and which. */
  readonly clientIdOwners: Readonly<Record<string, string>>;
  /** The same for keys of social links; `all`: so many that none of them is taken for free. */
  readonly socialLinkOwners: Readonly<Record<string, string>> | 'all';
  readonly takenIds?: TakenIds;
  /**
   * Where the target's server compares keys loosely: of those to be created, the other one that it takes for the same;
   * `all`: so many that no record of the section is created.
   */
  readonly sameKeys?: SameKeys;
  /** Where the server gives clients ids of its own: those that the target has for clients of the source already. */
  readonly issuedAs?: Readonly<Record<string, string>>;
  /** The job that this plan undoes. */
  readonly undoes?: string;
  /** Snapshots that have users whom a job that was broken off may have deleted, but for their role mappings. */
  readonly goneUsersIn?: readonly string[];
  readonly summary: PlanSummary;
}

export type SameKeys = Readonly<Partial<Record<LooseSection, 'all' | Readonly<Record<string, string>>>>>;

export type PlanDraft = Omit<PlanDocument, 'summary'>;

export function toStored(document: PlanDocument): JsonObject {
  return JSON.parse(JSON.stringify(document)) as JsonObject;
}

/** What can be shown of any plan, also of one that an older Drawbridge made. */
export function shownPlan(
  plan: StoredPlan<JsonObject>,
): Pick<PlanDocument, 'source' | 'target' | 'policy' | 'undoes' | 'goneUsersIn' | 'summary'> {
  return plan.document as unknown as PlanDocument;
}

/**
 * A plan whose items can be derived.
 *
 * @throws AppError PLAN_OUTDATED for one that another version of Drawbridge made
 */
export function planDocument(plan: StoredPlan<JsonObject>): PlanDocument {
  const document = plan.document as unknown as PlanDocument;
  if (document.version === PLAN_VERSION) return document;
  throw new AppError('PLAN_OUTDATED', `Plan ${plan.id} was made by another version of Drawbridge.`, {
    notChanged: 'Nothing was changed.',
    remedy: 'Make the plan again and look at its preview.',
    details: { plan: plan.id },
  });
}
