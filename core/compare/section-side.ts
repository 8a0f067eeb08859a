import type { ChunkRef } from '../catalog/snapshot-store.ts';
import type { CanonicalRecord } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import type { LineKey } from './differing-lines.ts';

/** One section of one snapshot, as a comparison needs it: where the chunks are and how to read one. */
export interface SectionSide {
  readonly section: Section;
  /** In key order, without overlap. Chunks of equal id hold equal records. */
  readonly chunks: readonly ChunkRef[];
  readonly readChunk: (chunk: ChunkRef) => readonly CanonicalRecord[] | Promise<readonly CanonicalRecord[]>;
  /**
   * The same records as text, for sides that hold them so: then a comparison looks at the lines that differ only, and
   * passes over those that two chunks have in common.
   */
  readonly lines?: {
    /**
     * The chunk's canonical lines, each with a line break. They may be overwritten once the caller has waited for
     * anything or read two others.
     */
    read(chunk: ChunkRef): Buffer;
    readonly key: LineKey;
  };
  /** The members about which this side tells everything (CaptureFacts.knows): one that a record lacks is empty. */
  readonly knows: readonly string[];
}

/** A snapshot's sections; one that is missing was not captured: unknown, not empty. */
export type SnapshotSides = Readonly<Partial<Record<Section, SectionSide>>>;

/** A side that is known to hold nothing (a realm that does not exist). */
export function emptySide(section: Section): SectionSide {
  return { section, chunks: [], readChunk: () => [], knows: [] };
}

export function recordCount(side: SectionSide): number {
  return side.chunks.reduce((sum, chunk) => sum + chunk.count, 0);
}
