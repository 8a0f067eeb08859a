import { createHash } from 'node:crypto';
import type { ChunkRef } from '../../catalog/snapshot-store.ts';
import { canonicalRecord } from '../../model/canonical.ts';
import { parseLine } from '../../model/exact-json.ts';
import { compareKeys } from '../../model/key-order.ts';
import type { CanonicalRecord, JsonObject } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import { MEMBERS } from '../../model/members.ts';
import { naturalKey } from '../../model/natural-key.ts';
import type { SectionSide } from '../section-side.ts';

export interface CountedSide extends SectionSide {
  /** How many chunks were read so far. */
  readonly reads: () => number;
}

/** Every member of the section that we know: what a source that tells everything knows. */
export function everyMember(section: Section): readonly string[] {
  return MEMBERS[section].map((member) => member.name);
}

/** A side held in memory, cut into chunks at content-defined boundaries as the catalog cuts them, but smaller. */
export function sideOf(
  section: Section,
  bodies: readonly JsonObject[],
  options: {
    readonly knows?: readonly string[];
    readonly averageChunk?: number;
    /** Whether chunks can be read as text too. */
    readonly asLines?: boolean;
  } = {},
): CountedSide {
  const records = bodies
    .map((body) => canonicalRecord(section, body))
    .sort((a, b) => compareKeys(a.key, b.key));
  const chunks = new Map<ChunkRef, readonly CanonicalRecord[]>();
  let open: CanonicalRecord[] = [];
  const close = (): void => {
    if (open.length > 0) chunks.set(chunkRef(section, open), open);
    open = [];
  };
  for (const record of records) {
    open.push(record);
    if (endsChunk(record.key, options.averageChunk ?? 4)) close();
  }
  close();
  let reads = 0;
  return {
    section,
    chunks: [...chunks.keys()],
    readChunk(chunk) {
      reads++;
      return chunks.get(chunk)!;
    },
    ...(options.asLines === true && {
      lines: {
        read(chunk: ChunkRef): Buffer {
          reads++;
          return textOf(chunks.get(chunk)!);
        },
        key: (text: Buffer, start: number, end: number): string =>
          naturalKey(section, parseLine(text.subarray(start, end))),
      },
    }),
    knows: options.knows ?? everyMember(section),
    reads: () => reads,
  };
}

function endsChunk(key: string, average: number): boolean {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % average === 0;
}

function chunkRef(section: Section, records: readonly CanonicalRecord[]): ChunkRef {
  const plain = textOf(records);
  return {
    section,
    id: createHash('sha256').update(plain).digest('hex'),
    firstKey: records[0]!.key,
    count: records.length,
    bytes: plain.length,
  };
}

function textOf(records: readonly CanonicalRecord[]): Buffer {
  return Buffer.concat(records.flatMap((record) => [record.line, Buffer.from('\n')]));
}
