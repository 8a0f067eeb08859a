import { AppError, throwIfAborted } from '../../../contract/errors.ts';
import { displayKey } from '../../model/natural-key.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import type { KeyOrder } from './key-comparison.ts';
import { keyOrder, noteKey } from './key-comparison.ts';
import { MemoryRun } from './memory-run.ts';
import { mergeRuns, type Run } from './merge.ts';
import { BlockWriter, readBlock } from './record-block.ts';
import { SpillFile, type Block } from './spill-file.ts';

export interface ExternalSorterOptions {
  /** Where what does not fit into memory goes, encrypted. Must exist. */
  readonly dir: string;
  /** What is held in memory before it is written out, in bytes. A merge then holds some 128 KB for each time that happened. */
  readonly memoryBytes?: number;
  readonly onDuplicate: 'error' | 'keep';
  /** What the records are called in an error: the section. */
  readonly what: string;
}

const MEMORY_BYTES = 24 << 20;
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
  readonly #order: KeyOrder = { exact: false };
  readonly #memory: MemoryRun;
  readonly #runs: SpilledRun[] = [];
  #file: SpillFile | undefined;

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
      noteKey(this.#order, key);
      this.#memory.add(key, line, this.#order);
      if (this.#memory.isFull) await this.#spill();
    }
  }

  /**
   * The records in key order, once. Lines are valid until `dispose`.
   *
   * @throws AppError DUPLICATE_KEY naming the first key that occurs twice (unless kept); FILE_FAILED; CANCELED
   */
  async *sorted(signal?: AbortSignal): AsyncGenerator<readonly CanonicalRecord[], undefined> {
    await this.#file?.settle();
    const runs = this.#runs.map((run) => this.#readRun(run));
    if (this.#memory.count > 0) runs.push(this.#memoryRun());
    const merged: Run = runs.length === 1 ? runs[0]! : mergeRuns(runs, this.#order);
    let previous: string | undefined;
    for (;;) {
      throwIfAborted(signal);
      const { value: batch, done } = await merged.next();
      if (done || !batch) return undefined;
      if (this.#options.onDuplicate === 'error')
        for (const { key } of batch) {
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

  async #spill(): Promise<void> {
    this.#file ??= await SpillFile.create(this.#options.dir);
    const memory = this.#memory;
    const positions = memory.sorted(this.#order);
    const run = this.#continuedRun(memory.key(positions[0]!));
    const writer = new BlockWriter();
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      const full = memory.withLine(position, (arena, start, end) =>
        writer.add(memory.key(position), arena, start, end),
      );
      if (full || i === positions.length - 1) run.blocks.push(await this.#file.write(writer.take()));
    }
    run.lastKey = memory.key(positions[positions.length - 1]!);
    memory.clear();
  }

  /** The last run if `firstKey` may follow it, else a new one: input in order becomes a single run. */
  #continuedRun(firstKey: string): SpilledRun {
    const last = this.#runs.at(-1);
    if (last && keyOrder(last.lastKey, firstKey, this.#order) <= 0) return last;
    const run: SpilledRun = { blocks: [], lastKey: '' };
    this.#runs.push(run);
    return run;
  }

  async *#readRun(run: SpilledRun): AsyncGenerator<readonly CanonicalRecord[], undefined> {
    for (const block of run.blocks) {
      if (!this.#file) throw new AppError('INTERNAL', 'A disposed sorter was read.');
      yield readBlock(await this.#file.read(block));
    }
    return undefined;
  }

  async *#memoryRun(): AsyncGenerator<readonly CanonicalRecord[], undefined> {
    const positions = this.#memory.sorted(this.#order);
    for (let i = 0; i < positions.length; i += BATCH) {
      const batch: CanonicalRecord[] = [];
      for (let j = i; j < Math.min(i + BATCH, positions.length); j++)
        batch.push(this.#memory.record(positions[j]!));
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
