import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { displayKey } from '../model/natural-key.ts';
import type { Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { PlanSummary } from '../planner/plan.ts';
import { unverifiable, verifyApplied, type Deviation } from '../planner/verify-applied.ts';
import type { DerivedPlan } from './derive-plan.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { snapshotSides } from './snapshot-sides.ts';

export interface Verification {
  readonly count: number;
  /** The first hundred. */
  readonly first: readonly {
    readonly section: Section;
    readonly key: string;
    readonly kind: string;
    readonly members: readonly string[];
  }[];
  /** Sections that were written and cannot be read back over this route. */
  readonly unverifiable: readonly Section[];
}

const SHOWN = 100;

/** Holds the target, captured again, against what the plan promised. */
export async function verifyTarget(
  job: JobContext,
  snapshots: SnapshotStore,
  applied: {
    derived: DerivedPlan;
    summary: PlanSummary;
    after: SnapshotManifest;
    failed: (section: Section, key: string) => boolean;
  },
): Promise<Verification> {
  const { derived, summary, after, failed } = applied;
  const sides = snapshotSides(snapshots, after);
  const meter = new PhaseMeter(job, 'Verifying', 'items');
  const first: Deviation[] = [];
  let count = 0;
  const deviations = verifyApplied({
    context: derived.context,
    before: derived.sides.target,
    after: sides,
    entries: metered(),
    failed,
    signal: job.signal,
  });
  for await (const batch of deviations) {
    count += batch.length;
    first.push(...batch.slice(0, SHOWN - first.length));
  }
  return { count, first: first.map(shown), unverifiable: unverifiable(summary, sides) };

  async function* metered() {
    for await (const entries of derived.entries()) {
      meter.advance(entries.length);
      yield entries;
    }
  }
}

function shown({ section, key, kind, changes }: Deviation) {
  return { section, key: displayKey(key), kind, members: changes.map(({ member }) => member) };
}
