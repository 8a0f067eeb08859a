import type { KeyComparison } from './key-comparison.ts';
import { emptyBatch, type SortedBatch } from './sorted-batch.ts';

/** A sorted source of records, a block at a time. */
export type Run = AsyncIterator<SortedBatch, undefined>;

/** Records are handed on in batches of about this many. */
const BATCH = 512;

interface Head {
  readonly run: Run;
  /** For records with equal keys: those of earlier runs come first. */
  readonly rank: number;
  block: SortedBatch;
  at: number;
  key: string;
}

/** Merges sorted runs into one sequence. Holds one block of each. */
export async function* mergeRuns(
  runs: readonly Run[],
  compare: KeyComparison,
): AsyncGenerator<SortedBatch, undefined> {
  const heap: Head[] = [];
  for (const [rank, run] of runs.entries()) {
    const head: Head = { run, rank, block: emptyBatch(), at: 0, key: '' };
    if (await refill(head)) heap.push(head);
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, compare);

  let batch = emptyBatch();
  while (heap.length > 0) {
    const head = heap[0]!;
    take(head, batch);
    if (batch.keys.length >= BATCH) {
      yield batch;
      batch = emptyBatch();
    }
    if (head.at < head.block.keys.length) head.key = head.block.keys[head.at]!;
    else if (!(await refill(head))) {
      const last = heap.pop()!;
      if (heap.length === 0) break;
      if (last !== head) heap[0] = last;
    }
    sink(heap, 0, compare);
  }
  if (batch.keys.length > 0) yield batch;
  return undefined;
}

function take(head: Head, batch: SortedBatch): void {
  const { block } = head;
  const at = head.at++;
  batch.keys.push(head.key);
  batch.buffers.push(block.buffers[at]!);
  batch.starts.push(block.starts[at]!);
  batch.ends.push(block.ends[at]!);
}

async function refill(head: Head): Promise<boolean> {
  const { value } = await head.run.next();
  if (!value || value.keys.length === 0) return false;
  head.block = value;
  head.at = 0;
  head.key = value.keys[0]!;
  return true;
}

/** Restores the heap below `index`: the smallest head stands at 0. */
function sink(heap: Head[], index: number, compare: KeyComparison): void {
  const moving = heap[index]!;
  let at = index;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!, compare)) child++;
    if (!precedes(heap[child]!, moving, compare)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moving;
}

function precedes(a: Head, b: Head, compare: KeyComparison): boolean {
  const order = compare(a.key, b.key);
  return order < 0 || (order === 0 && a.rank < b.rank);
}
