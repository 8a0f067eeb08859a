import { takenAt } from '../../contract/series.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';

/**
 * Newest first. What was taken here stays in the order in which it was stored, whatever a clock said, as `latest:` has it;
 * what archives brought is put where it belongs by the time that they tell.
 *
 * @param stored in the order stored, newest first
 */
export function byTimeTaken(stored: readonly SnapshotManifest[]): readonly SnapshotManifest[] {
  const brought = stored
    .filter(({ archived }) => archived !== undefined)
    .toSorted((a, b) => timeOf(b) - timeOf(a));
  if (brought.length === 0) return stored;
  const sorted: SnapshotManifest[] = [];
  let at = 0;
  for (const own of stored) {
    if (own.archived) continue;
    while (at < brought.length && timeOf(brought[at]!) > timeOf(own)) sorted.push(brought[at++]!);
    sorted.push(own);
  }
  return [...sorted, ...brought.slice(at)];
}

function timeOf(snapshot: SnapshotManifest): number {
  return Date.parse(takenAt(snapshot));
}
