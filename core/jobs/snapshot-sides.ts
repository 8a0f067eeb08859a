import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import type { SectionSide, SnapshotSides } from '../compare/section-side.ts';
import { SECTIONS } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';

/** A stored snapshot as comparisons and plans take it. */
export function snapshotSides(snapshots: SnapshotStore, manifest: SnapshotManifest): SnapshotSides {
  const captured = SECTIONS.filter((section) => manifest.summaries[section]);
  return Object.fromEntries(
    captured.map((section): [string, SectionSide] => [
      section,
      {
        section,
        chunks: snapshots.chunks(manifest.id, section),
        readChunk: (chunk) => snapshots.readChunk(chunk),
        lines: {
          read: (chunk) => snapshots.readLines(chunk),
          key: snapshots.lineKey(section),
        },
        knows: manifest.knows[section] ?? [],
      },
    ]),
  );
}
