import { compareSection } from '../compare/compare-section.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import { parseLine } from '../model/exact-json.ts';
import { SECTIONS } from '../model/sections.ts';
import { idsDiffer, isIdSection } from './ids.ts';

/**
 * Whether an exact merge turns one state of a realm into another: false when a record that both have would need another
 * id, which no update gives it. Costs what differs, up to the first such record.
 *
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function mergeSuffices(
  now: SnapshotSides,
  wanted: SnapshotSides,
  signal?: AbortSignal,
): Promise<boolean> {
  for (const section of SECTIONS) {
    const left = now[section];
    const right = wanted[section];
    if (!left || !right || !isIdSection(section)) continue;
    for await (const stretch of compareSection(left, right, signal)) {
      if (stretch.kind === 'equal') continue;
      for (const d of stretch.records) {
        if (d.kind === 'added' || d.kind === 'removed' || d.left.equals(d.right)) continue;
        if (idsDiffer(parseLine(d.left), parseLine(d.right))) return false;
      }
    }
  }
  return true;
}
