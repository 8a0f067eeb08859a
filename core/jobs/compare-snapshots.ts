import type { ComparisonView, DifferenceView } from '../../contract/comparison.ts';
import { throwIfAborted } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { diffSnapshots } from '../compare/diff-snapshots.ts';
import type { Difference } from '../compare/difference.ts';
import { displayKey } from '../model/natural-key.ts';
import type { Section } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import { snapshotSides } from './snapshot-sides.ts';

/** Compares two stored snapshots; keeps the first `limit` differences and all counts. */
export async function compareSnapshots(
  job: JobContext,
  snapshots: SnapshotStore,
  sides: { left: SnapshotManifest; right: SnapshotManifest },
  options: {
    sections?: readonly Section[] | undefined;
    limit: number;
    declaredOnly?: { readonly extra: boolean } | undefined;
  },
): Promise<ComparisonView> {
  const { left, right } = sides;
  const meter = new PhaseMeter(job, 'Comparing', 'records');
  const counted: ComparisonView['sections'] = {};
  const differences: DifferenceView[] = [];
  let found = 0;
  const parts = diffSnapshots(snapshotSides(snapshots, left), snapshotSides(snapshots, right), {
    ...(options.sections && { sections: options.sections }),
    declaredOnly: options.declaredOnly,
    signal: job.signal,
  });
  for await (const part of parts) {
    throwIfAborted(job.signal);
    if (part.kind === 'counts') {
      const { section, ...counts } = part.counts;
      counted[section] = counts;
      continue;
    }
    found += part.records.length;
    meter.advance(part.records.length);
    for (const record of part.records.slice(0, Math.max(0, options.limit - differences.length)))
      differences.push(differenceView(part.section, record));
  }
  return {
    left: left.id,
    right: right.id,
    equal: found === 0,
    sections: counted,
    differences,
    truncated: found > differences.length,
    ...(options.declaredOnly && { declaredOnly: true }),
  };
}

/** A difference as the contract shows it. */
export function differenceView(section: Section, record: Difference): DifferenceView {
  if (record.kind === 'same') throw new TypeError('Equal records are no differences.');
  const changes = record.kind === 'changed' ? record.changes.map((change) => ({ ...change })) : [];
  return { section, key: displayKey(record.key), kind: record.kind, changes };
}
