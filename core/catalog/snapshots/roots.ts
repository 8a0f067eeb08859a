import { SECTIONS } from '../../model/sections.ts';
import type { CaptureFacts, SnapshotManifest } from '../../model/snapshot.ts';
import type { Seal } from '../seal.ts';

/** A section's root: the keyed hash of its chunks' ids (32 bytes each) in order. All hex. */
export function sectionRoot(seal: Seal, chunkIds: readonly string[]): string {
  return seal.name(Buffer.concat([Buffer.from('section\n'), Buffer.from(chunkIds.join(''), 'hex')]));
}

/**
 * A snapshot's root: over its sections in canonical order, with what the source knows of each, since equal records mean
 * different things when one source cannot tell what it leaves out. Hex.
 */
export function snapshotRoot(
  seal: Seal,
  facts: Pick<CaptureFacts, 'sections' | 'knows'>,
  summaries: SnapshotManifest['summaries'],
): string {
  const parts = SECTIONS.filter((section) => facts.sections.includes(section)).map((section) => [
    section,
    summaries[section]?.root,
    [...new Set(facts.knows[section] ?? [])].sort(),
  ]);
  return seal.name(Buffer.from(`snapshot\n${JSON.stringify(parts)}`));
}
