import { compareKeys } from '../../model/key-order.ts';
import { displayKey } from '../../model/natural-key.ts';
import type { ChunkTable } from '../chunks/chunk-table.ts';
import { whole } from '../chunks/damage.ts';
import type { Seal } from '../seal.ts';
import type { ChunkLists, ListedChunk } from './chunk-lists.ts';
import type { ChunkProof } from './prove-chunk.ts';
import { sectionRoot } from './roots.ts';

/** What a list of chunks was seen to be. */
export interface ListProof {
  /** What is wrong, a sentence each; then the rest says nothing. */
  readonly problems: readonly string[];
  readonly root: string;
  readonly count: number;
  readonly bytes: number;
}

export interface ListSource {
  readonly seal: Seal;
  readonly table: ChunkTable;
  readonly lists: ChunkLists;
}

/** Compares a list with what its chunks hold: each as described, one after the other, together under the list's root. */
export function proveList(
  { seal, table, lists }: ListSource,
  list: number,
  proofOf: (seq: number) => ChunkProof,
): ListProof {
  const opened = whole(() => ({ root: lists.root(list), chunks: lists.chunks(list) }));
  if (!opened.value) return { problems: [opened.damage], root: '', count: 0, bytes: 0 };
  const { root, chunks } = opened.value;
  const problems: string[] = [];
  let [count, bytes] = [0, 0];
  let before: string | undefined;
  for (const chunk of chunks) {
    const proof = proofOf(chunk.seq);
    const problem = proof.problem ?? disagreement(chunk, proof, before);
    if (problem !== undefined)
      problems.push(`${chunk.count} records from “${displayKey(chunk.firstKey)}” on: ${problem}`);
    before = proof.lastKey ?? before;
    count += proof.count;
    bytes += proof.bytes;
  }
  const ids = table.ids(chunks.map((chunk) => chunk.seq));
  const named = sectionRoot(
    seal,
    chunks.map((chunk) => ids.get(chunk.seq) ?? ''),
  );
  if (problems.length === 0 && named !== root) problems.push('The section’s root is not that of its chunks.');
  return { problems, root, count, bytes };
}

function disagreement(chunk: ListedChunk, proof: ChunkProof, before: string | undefined): string | undefined {
  const { count, bytes, firstKey } = proof;
  if (count !== chunk.count || bytes !== chunk.bytes || firstKey !== chunk.firstKey)
    return 'the list of chunks describes others.';
  if (before !== undefined && compareKeys(before, chunk.firstKey) >= 0)
    return 'they do not follow those before them.';
  return undefined;
}
