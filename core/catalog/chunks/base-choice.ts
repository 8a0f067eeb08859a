import type { ChunkPlace } from './chunk-table.ts';

/** A chunk can be built on so many others: neighbours that a deleted boundary joined. */
const MAX_BASES = 2;

/**
 * What to build a chunk on when its predecessors may already stand at the end of a long chain.
 *
 * Storing it whole instead would cost a whole chunk every few changes, and dominate the growth of a catalog that is
 * backed up daily. So deltas are skipped from the end of the chain: what they said is said again in the new one, which
 * becomes larger, but shortens the chain. Which ones is a matter of what they weigh, against the square of the steps that
 * it frees: in a simulation that costs 2 to 4 times what an endless chain would, over 10 to 400 changes of a chunk.
 *
 * @param maxDepth bases are at most this deep
 * @returns none when there is no such choice: store it whole
 */
export function chooseBases(
  predecessors: readonly number[],
  maxDepth: number,
  place: (seq: number) => ChunkPlace | undefined,
): readonly number[] {
  let bases = predecessors;
  const depthBefore = depthOf(bases, place);
  if (depthBefore <= maxDepth) return bases;
  let [best, bestCost, skipped]: [readonly number[], number, number] = [[], Infinity, 0];
  for (;;) {
    const depth = depthOf(bases, place);
    const deepest = bases.find((seq) => place(seq)?.depth === depth);
    const skip = deepest === undefined ? undefined : place(deepest);
    if (!skip || depth === 0) return best;
    bases = [...new Set(bases.flatMap((seq) => (seq === deepest ? skip.bases : [seq])))];
    if (bases.length > MAX_BASES) return best;
    skipped += skip.bytes;
    const left = depthOf(bases, place);
    const cost = skipped / (depthBefore - left) ** 2;
    if (left <= maxDepth && cost < bestCost) [best, bestCost] = [bases, cost];
  }
}

function depthOf(bases: readonly number[], place: (seq: number) => ChunkPlace | undefined): number {
  return Math.max(0, ...bases.map((seq) => place(seq)?.depth ?? 0));
}
