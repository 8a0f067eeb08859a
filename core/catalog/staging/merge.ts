import type { CanonicalRecord } from '../../model/record.ts';
import { keyOrder, type KeyOrder } from './key-comparison.ts';

/** A sorted source of records, a block at a time. */
export type Run = AsyncIterator<readonly CanonicalRecord[], undefined>;

/** Records are handed on in batches of about this many. */
const BATCH = 512;

interface Head {
  readonly run: Run;
  /** For records with equal keys: those of earlier runs come first. */
  readonly rank: number;
  block: readonly CanonicalRecord[];
  at: number;
  key: string;
}

/** Merges sorted runs into one sequence. Holds one block of each. */
export async function* mergeRuns(
  runs: readonly Run[],
  order: KeyOrder,
): AsyncGenerator<readonly CanonicalRecord[], undefined> {
  const heap: Head[] = [];
  for (const [rank, run] of runs.entries()) {
    const head: Head = { run, rank, block: [], at: 0, key: '' };
    if (await refill(head)) heap.push(head);
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, order);

  let batch: CanonicalRecord[] = [];
  while (heap.length > 0) {
    const head = heap[0]!;
    batch.push(head.block[head.at++]!);
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
    if (head.at < head.block.length) head.key = head.block[head.at]!.key;
    else if (!(await refill(head))) {
      const last = heap.pop()!;
      if (heap.length === 0) break;
      if (last !== head) heap[0] = last;
    }
    sink(heap, 0, order);
  }
  if (batch.length > 0) yield batch;
  return undefined;
}

async function refill(head: Head): Promise<boolean> {
  const { value, done } = await head.run.next();
  if (done || !value || value.length === 0) return false;
  head.block = value;
  head.at = 0;
  head.key = value[0]!.key;
  return true;
}

/** Restores the heap below `index`: the smallest head stands at 0. */
function sink(heap: Head[], index: number, order: KeyOrder): void {
  const moving = heap[index]!;
  let at = index;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!, order)) child++;
    if (!before(heap[child]!, moving, order)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moving;
}

function before(a: Head, b: Head, order: KeyOrder): boolean {
  const compared = keyOrder(a.key, b.key, order);
  return compared < 0 || (compared === 0 && a.rank < b.rank);
}
