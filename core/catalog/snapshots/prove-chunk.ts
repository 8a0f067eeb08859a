import { compareKeys } from '../../model/key-order.ts';
import type { Section } from '../../model/sections.ts';
import type { ChunkReader } from '../chunks/chunk-reader.ts';
import { whole } from '../chunks/damage.ts';
import { lineKeyOf } from '../chunks/line-keys.ts';
import { keyAt, lineCount, splitLines } from '../chunks/lines.ts';

/** What a chunk was seen to hold. */
export interface ChunkProof {
  readonly count: number;
  readonly bytes: number;
  readonly firstKey?: string;
  readonly lastKey?: string;
  /** What is wrong with it; then the rest says nothing. */
  readonly problem?: string;
}

/** Reads every byte of a chunk: name, lines, and the order of their keys. */
export function proveChunk(reader: ChunkReader, section: Section, seq: number): ChunkProof {
  const { value, damage } = whole(() => {
    const lines = splitLines(reader.passing(seq), lineKeyOf(section));
    const count = lineCount(lines);
    const firstKey = keyAt(lines, 0);
    let lastKey = firstKey;
    for (let i = 1; i < count; i++) {
      const key = keyAt(lines, i);
      if (compareKeys(lastKey, key) >= 0)
        return { count: 0, bytes: 0, problem: 'their keys are not in order.' };
      lastKey = key;
    }
    return { count, bytes: lines.plain.length, firstKey, lastKey };
  });
  return value ?? { count: 0, bytes: 0, problem: damage };
}
