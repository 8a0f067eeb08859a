import { isThere, type FoundAgain } from '../../contract/found-again.ts';
import type { SectionOutcome } from '../../contract/job.ts';
import type { FoundFailures } from '../catalog/jobs/job.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { isPlanItem, type Action, type PlanEntry, type PlanItem, type PlanSummary } from '../planner/plan.ts';
import { survives } from '../planner/section-plan.ts';
import { createSummary } from '../planner/summary.ts';
import type { DerivedPlan } from './derive-plan.ts';

export interface Done {
  readonly sections: Partial<Record<Section, SectionOutcome>>;
  /** What is to be told of what was done, with the numbers of that. */
  readonly told: Told;
  /** Of those that failed, how many were found to be so when the target was read again. */
  readonly found: Readonly<Partial<Record<FoundAgain, number>>>;
  /** Of those that failed: records that stood on the target, were deleted to be written anew, and are not there. */
  readonly gone: number;
}

type Told = Pick<PlanSummary, 'warnings' | 'afterwards' | 'cannotSet' | 'losses'>;

/** What was planned, where nothing failed. */
export function allDone(summary: PlanSummary): Done {
  return { sections: outcomes(summary), told: summary, found: {}, gone: 0 };
}

/**
 * What an apply did, by section: what was planned, but for the records that failed. Each of these counts as failed and
 * as nothing else, however much of it was written; only where it was deleted in order to be written anew, and was not,
 * it counts as deleted too. That the target tells, captured again.
 */
export async function doneCounts({ derived, summary, failed, found }: Applied): Promise<Done> {
  const sections = outcomes(summary);
  const [planned, written] = [createSummary(derived.context), createSummary(derived.context)];
  const counted: Partial<Record<FoundAgain, number>> = {};
  let gone = 0;
  const hasFailed = (entry: PlanEntry): entry is PlanItem =>
    isPlanItem(entry) && failed(entry.section, entry.key);
  const standing = ({ section, key }: PlanItem) => found.get(`${section}/${key}`);
  for await (const entries of derived.entries()) {
    planned.add(entries);
    written.add(entries.filter((entry) => !hasFailed(entry) || isThere(standing(entry))));
    for (const item of entries) {
      if (!hasFailed(item)) continue;
      const counts = sections[item.section]!;
      counts.failed++;
      if (isDone(item.action)) counts[item.action]--;
      const stands = standing(item);
      if (stands) counted[stands] = (counted[stands] ?? 0) + 1;
      if (stands !== 'absent' || !returns(item, summary, derived)) continue;
      counts.delete++;
      gone++;
    }
  }
  const told = toldOfDone(summary, planned.finish(), written.finish());
  return { sections, told, found: counted, gone };
}

interface Applied {
  readonly derived: DerivedPlan;
  readonly summary: PlanSummary;
  readonly failed: (section: Section, key: string) => boolean;
  /** What stands there of those that failed. */
  readonly found: FoundFailures;
}

/** @param summary as it was stored with the plan: with what was found besides the items, such as about its snapshots */
function toldOfDone(summary: PlanSummary, planned: PlanSummary, written: PlanSummary): Told {
  const stored = new Set(summary.warnings);
  // In other words than now: which of them are about items cannot be told.
  if (!planned.warnings.every((warning) => stored.has(warning))) return summary;
  const ofItems = new Set(planned.warnings);
  const besides = summary.warnings.filter((warning) => !ofItems.has(warning));
  return { ...written, warnings: [...besides, ...written.warnings] };
}

/** What is replaced record by record is first deleted, and then written. */
function returns(
  { section, action }: PlanItem,
  { mode }: PlanSummary,
  { context: { route } }: DerivedPlan,
): boolean {
  const isThere = action === 'update' || action === 'unchanged';
  return (
    isThere &&
    mode === 'overwrite' &&
    section !== 'realm' &&
    route.survivors !== undefined &&
    !survives(route, section)
  );
}

function isDone(action: Action): action is Exclude<keyof SectionOutcome, 'failed'> {
  return action !== 'conflict';
}

function outcomes({ sections }: PlanSummary): Partial<Record<Section, SectionOutcome>> {
  return Object.fromEntries(
    SECTIONS.flatMap((section) => {
      const counts = sections[section];
      if (!counts) return [];
      const { conflict: _none, ...planned } = counts;
      return [[section, { ...planned, failed: 0 }]];
    }),
  );
}
