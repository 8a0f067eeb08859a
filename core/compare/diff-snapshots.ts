import { SECTIONS, type Section } from '../model/sections.ts';
import { compareSection } from './compare-section.ts';
import { declaredDifference } from './declared-only.ts';
import type { Difference, SectionCounts } from './difference.ts';
import type { SnapshotSides } from './section-side.ts';

/** A part of a comparison: differences (never `same` ones) as they are found, and each section's counts at its end. */
export type ComparisonPart =
  | { readonly kind: 'differences'; readonly section: Section; readonly records: readonly Difference[] }
  | { readonly kind: 'counts'; readonly counts: SectionCounts };

interface DiffOptions {
  readonly sections?: readonly Section[];
  readonly signal?: AbortSignal;
  readonly declaredOnly?: { readonly extra: boolean } | undefined;
}

/**
 * Compares two snapshots, in the order of SECTIONS and of keys. A section that one of the two did not capture is
 * `unknown`; one that neither did is left out.
 *
 * @param options.declaredOnly compare what the left side declares (`declaredDifference`); with `extra`, records that only
 *   the right side has count as well
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function* diffSnapshots(
  left: SnapshotSides,
  right: SnapshotSides,
  options: DiffOptions = {},
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
        const records: Difference[] = [];
        for (const record of stretch.records) {
          const counting = counted(section, record, options.declaredOnly);
          if (counting === undefined) continue;
          counts[counting.kind]++;
          if (counting.kind !== 'same') records.push(counting);
        }
        if (records.length > 0) yield { kind: 'differences', section, records };
      }
    }
    yield { kind: 'counts', counts };
  }
}

/** The difference as it counts; undefined: it does not. */
function counted(
  section: Section,
  difference: Difference,
  declaredOnly: DiffOptions['declaredOnly'],
): Difference | undefined {
  if (!declaredOnly || difference.kind === 'same') return difference;
  if (difference.kind === 'added') return declaredOnly.extra ? difference : undefined;
  const declared = declaredDifference(section, difference);
  if (declared !== undefined || difference.kind !== 'changed') return declared;
  const { key, left, right } = difference;
  return { kind: 'same', key, left, right };
}
