import type { SectionOutcome } from '../../contract/job.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { recordFinder, type RecordFinder } from '../compare/record-finder.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { isPlanItem, type Action, type PlanItem, type PlanSummary } from '../planner/plan.ts';
import { survives } from '../planner/section-plan.ts';
import type { DerivedPlan } from './derive-plan.ts';
import { snapshotSides } from './snapshot-sides.ts';

export interface Done {
  readonly sections: Partial<Record<Section, SectionOutcome>>;
  /** Of those that failed: records that stood on the target, were deleted to be written anew, and are not there. */
  readonly gone: number;
}

/** What was planned, where nothing failed. */
export function allDone(summary: PlanSummary): Done {
  return { sections: outcomes(summary), gone: 0 };
}

/**
 * What an apply did, by section: what was planned, but for the records that failed. Each of these counts as failed and
 * as nothing else, however much of it was written; only where it was deleted in order to be written anew, and was not,
 * it counts as deleted too. That the target tells, captured again.
 *
 * @param after undefined: nothing was captured
 */
export async function doneCounts(
  { derived, summary, failed }: Applied,
  snapshots: SnapshotStore,
  after: SnapshotManifest | undefined,
): Promise<Done> {
  const sections = outcomes(summary);
  const finders = after && findersOf(snapshots, after);
  let gone = 0;
  for await (const entries of derived.entries())
    for (const item of entries) {
      if (!isPlanItem(item) || !failed(item.section, item.key)) continue;
      const counts = sections[item.section]!;
      counts.failed++;
      if (isDone(item.action)) counts[item.action]--;
      if (!returns(item, summary, derived) || !finders) continue;
      const finder = finders(item.section);
      if (!finder || (await finder.find(item.key))) continue;
      counts.delete++;
      gone++;
    }
  return { sections, gone };
}

interface Applied {
  readonly derived: DerivedPlan;
  readonly summary: PlanSummary;
  readonly failed: (section: Section, key: string) => boolean;
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

function findersOf(
  snapshots: SnapshotStore,
  after: SnapshotManifest,
): (section: Section) => RecordFinder | undefined {
  const sides = snapshotSides(snapshots, after);
  const finders = new Map<Section, RecordFinder>();
  return (section) => {
    const side = sides[section];
    if (side && !finders.has(section)) finders.set(section, recordFinder(side));
    return finders.get(section);
  };
}
