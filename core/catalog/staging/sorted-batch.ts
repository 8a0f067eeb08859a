import type { CanonicalRecord } from '../../model/record.ts';

/**
 * Records in key order, their lines as spans of larger buffers: sorting a million records would otherwise make a million
 * Buffer objects, only for their bytes to be copied once more.
 */
export interface SortedBatch {
  readonly keys: string[];
  readonly buffers: Buffer[];
  readonly starts: number[];
  readonly ends: number[];
}

export function emptyBatch(): SortedBatch {
  return { keys: [], buffers: [], starts: [], ends: [] };
}

export function recordsOf({ keys, buffers, starts, ends }: SortedBatch): CanonicalRecord[] {
  return keys.map((key, i) => ({ key, line: buffers[i]!.subarray(starts[i], ends[i]) }));
}
