import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { displayKey } from '../../model/natural-key.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import { comparisonFor, needsExact, type KeyComparison } from './key-comparison.ts';
import { MemoryRun } from './memory-run.ts';
import { mergeRuns, type Run } from './merge.ts';
import { BlockWriter, readBlock } from './record-block.ts';
import { emptyBatch, recordsOf, type SortedBatch } from './sorted-batch.ts';
import { SpillFile, type Block } from './spill-file.ts';

export interface ExternalSorterOptions {
  /** Where what does not fit into memory goes, encrypted. Must exist. */
  readonly dir: string;
  /** What is held in memory before it is written out, in bytes. A merge then holds some 400 KB for each time that happened. */
  readonly memoryBytes?: number;
  readonly onDuplicate: 'error' | 'keep';
  /** What the records are called in an error: the section. */
  readonly what: string;
}

const MEMORY_BYTES = 16 << 20;
const BATCH = 512;

interface SpilledRun {
  readonly blocks: Block[];
  lastKey: string;
}

/**
 * Sorts records by key (in the order of the keys' UTF-8 bytes), any number of them in bounded memory: sorted runs go to
 * an encrypted temporary file and are merged. Input that is in order already is neither sorted nor merged, only written
 * and read; little input never leaves memory.
 *
 * Not for use from several places at once: one `add` at a time.
 */
export class ExternalSorter {
  readonly #options: ExternalSorterOptions;
  readonly #memory: MemoryRun;
  readonly #runs: SpilledRun[] = [];
  #file: SpillFile | undefined;
  #exact = false;

  constructor(options: ExternalSorterOptions) {
    this.#options = options;
    this.#memory = new MemoryRun(options.memoryBytes ?? MEMORY_BYTES);
  }

  /**
   * Copies the lines: the caller may reuse their memory.
   *
   * @throws AppError DISK_FULL, FILE_FAILED
   */
  async add(records: readonly CanonicalRecord[]): Promise<void> {
    for (const { key, line } of records) {
      if (!this.#exact && needsExact(key)) this.#exact = true;
      this.#memory.add(key, line);
      if (this.#memory.isFull) await this.#spill();
    }
  }

  /**
   * The records in key order, once. Lines are valid until `dispose`.
   *
   * @throws AppError DUPLICATE_KEY naming the first key that occurs twice (unless kept); FILE_FAILED; CANCELED
   */
  async *sorted(signal?: AbortSignal): AsyncGenerator<readonly CanonicalRecord[], undefined> {
    for await (const batch of this.sortedBatches(signal)) yield recordsOf(batch);
    return undefined;
  }

  /** As `sorted`, without an object for each record. */
  async *sortedBatches(signal?: AbortSignal): AsyncGenerator<SortedBatch, undefined> {
    await this.#file?.settle();
    const runs: Run[] = this.#runs.map((run) => this.#readRun(run));
    if (this.#memory.keys.length > 0) runs.push(this.#memoryRun());
    const merged = runs.length === 1 ? runs[0]! : mergeRuns(runs, this.#compare);
    let previous: string | undefined;
    for (;;) {
      throwIfAborted(signal);
      const { value: batch } = await merged.next();
      if (!batch) return undefined;
      if (this.#options.onDuplicate === 'error')
        for (const key of batch.keys) {
          if (key === previous) throw this.#duplicate(key);
          previous = key;
        }
      yield batch;
    }
  }

  /** Frees memory and disk. Harmless when called again. */
  async dispose(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#memory.clear();
    await file?.close();
  }

  get #compare(): KeyComparison {
    return comparisonFor(this.#exact);
  }

  async #spill(): Promise<void> {
    this.#file ??= await SpillFile.create(this.#options.dir);
    const { keys, lines, starts } = this.#memory;
    const positions = this.#memory.sorted(this.#compare);
    const run = this.#runToContinue(keys[positions[0]!]!);
    const writer = new BlockWriter();
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      run.lastKey = keys[position]!;
      const isFull = writer.add(run.lastKey, lines, starts[position]!, starts[position + 1]!);
      if (isFull || i === positions.length - 1) run.blocks.push(await this.#file.write(writer.take()));
    }
    this.#memory.clear();
  }

  /** The last run if `firstKey` may follow it, else a new one: input in order becomes a single run. */
  #runToContinue(firstKey: string): SpilledRun {
    const last = this.#runs.at(-1);
    if (last && this.#compare(last.lastKey, firstKey) <= 0) return last;
    const run: SpilledRun = { blocks: [], lastKey: '' };
    this.#runs.push(run);
    return run;
  }

  async *#readRun({ blocks }: SpilledRun): AsyncGenerator<SortedBatch, undefined> {
    const scratch = Buffer.allocUnsafeSlow(Math.max(...blocks.map((block) => block.bytes)));
    let ahead = this.#read(blocks[0], scratch);
    for (let i = 0; i < blocks.length; i++) {
      const block = await ahead;
      ahead = this.#read(blocks[i + 1], scratch);
      yield readBlock(block);
    }
    return undefined;
  }

  async #read(block: Block | undefined, scratch: Buffer): Promise<Buffer> {
    if (!block) return scratch;
    if (!this.#file) throw new AppError('INTERNAL', 'A disposed sorter was read.');
    return this.#file.read(block, scratch);
  }

  async *#memoryRun(): AsyncGenerator<SortedBatch, undefined> {
    const { keys, lines, starts } = this.#memory;
    const positions = this.#memory.sorted(this.#compare);
    for (let i = 0; i < positions.length; i += BATCH) {
      const batch = emptyBatch();
      for (let j = i; j < Math.min(i + BATCH, positions.length); j++) {
        const position = positions[j]!;
        batch.keys.push(keys[position]!);
        batch.buffers.push(lines);
        batch.starts.push(starts[position]!);
        batch.ends.push(starts[position + 1]!);
      }
      yield batch;
    }
    return undefined;
  }

  #duplicate(key: string): AppError {
    const { what } = this.#options;
    return new AppError('DUPLICATE_KEY', `Two records of “${what}” have the same key “${displayKey(key)}”.`, {
      notChanged: 'No snapshot was stored; those before it are unchanged.',
      remedy: 'A realm holds each of these once: correct the source, then try again.',
      details: { section: what, key },
    });
  }
}
