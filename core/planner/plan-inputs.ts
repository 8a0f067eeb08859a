import type { SnapshotSides } from '../compare/section-side.ts';
import { parseExclusions } from './exclusions.ts';
import type { PlanContext, PlanLookups } from './plan.ts';
import type { PlanInputs } from './section-plan.ts';
import { singleUpdates } from './single-updates.ts';

/** @throws AppError USAGE for an exclusion that cannot be read */
export function planInputs(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  lookups: PlanLookups = {},
  signal?: AbortSignal,
): PlanInputs {
  const { exclude, only, update } = context.policy;
  const exclusions = parseExclusions(exclude, only);
  return { context, ...sides, lookups, exclusions, updates: singleUpdates(update, exclusions), signal };
}

/** As `planInputs`, for who looks at the plan before its look-ups, which it then does without. */
export function inputsBeforeLookups(
  context: PlanContext,
  sides: { readonly target: SnapshotSides; readonly source: SnapshotSides },
  signal?: AbortSignal,
): PlanInputs {
  return { ...planInputs(context, sides, {}, signal), lean: true };
}
