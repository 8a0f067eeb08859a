import type { SnapshotStore } from '../../catalog/snapshot-store.ts';
import { keysShownAs } from '../../model/natural-key.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';

/** No key that people use has more slashes; a text of nothing else must not keep the engine busy. */
const MOST_KEYS = 50;

/** A record by its key, or by what is shown for it. */
export function recordShownAs(
  snapshots: SnapshotStore,
  snapshot: string,
  { section, key }: { readonly section: Section; readonly key: string },
): CanonicalRecord | undefined {
  let tried = 0;
  for (const possible of keysShownAs(key)) {
    const found = snapshots.find(snapshot, section, possible);
    if (found) return found;
    if (++tried === MOST_KEYS) break;
  }
  return undefined;
}
