import type { StoredPlan } from '../catalog/plans/plan-store.ts';
import type { JsonObject } from '../model/record.ts';
import type { PlanSummary, Policy } from '../planner/plan.ts';

/**
 * A stored plan: what it was made from and what it came to. Its items are derived from this again whenever they are
 * needed; the digest in the summary proves that they are the same.
 */
export interface PlanDocument {
  readonly source: { readonly snapshot: string; readonly realm: string; readonly environment?: string };
  readonly target: {
    readonly environment: string;
    readonly stage: string;
    readonly realm: string;
    readonly exists: boolean;
    /** The target as it was captured for this plan; none when there was no realm. */
    readonly snapshot?: string;
  };
  readonly policy: Policy;
  /** Client ids of the source that another realm of the target's server owns, and which. */
  readonly clientIdOwners: Readonly<Record<string, string>>;
  readonly summary: PlanSummary;
}

export function toStored(document: PlanDocument): JsonObject {
  return JSON.parse(JSON.stringify(document)) as JsonObject;
}

export function planDocument(plan: StoredPlan<JsonObject>): PlanDocument {
  return plan.document as unknown as PlanDocument;
}
