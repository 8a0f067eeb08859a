import { SECTIONS, type Section } from '../model/sections.ts';
import { compareSection } from './compare-section.ts';
import type { Difference, SectionCounts } from './difference.ts';
import type { SnapshotSides } from './section-side.ts';

/** A part of a comparison: differences (never `same` ones) as they are found, and each section's counts at its end. */
export type ComparisonPart =
  | { readonly kind: 'differences'; readonly section: Section; readonly records: readonly Difference[] }
  | { readonly kind: 'counts'; readonly counts: SectionCounts };

/**
 * Compares two snapshots, in the order of SECTIONS and of keys. A section that one of the two did not capture is
 * `unknown`; one that neither did is left out.
 *
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function* diffSnapshots(
  left: SnapshotSides,
  right: SnapshotSides,
  options: { readonly sections?: readonly Section[]; readonly signal?: AbortSignal } = {},
): AsyncIterable<ComparisonPart> {
  for (const section of SECTIONS) {
    if (options.sections && !options.sections.includes(section)) continue;
    const a = left[section];
    const b = right[section];
    if (!a && !b) continue;
    const counts = { section, unknown: !a || !b, added: 0, removed: 0, changed: 0, same: 0 };
    if (a && b) {
      for await (const stretch of compareSection(a, b, options.signal)) {
        if (stretch.kind === 'equal') {
          counts.same += stretch.count;
          continue;
        }
        for (const record of stretch.records) counts[record.kind]++;
        const records = stretch.records.filter((record) => record.kind !== 'same');
        if (records.length > 0) yield { kind: 'differences', section, records };
      }
    }
    yield { kind: 'counts', counts };
  }
}
