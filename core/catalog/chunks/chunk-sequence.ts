import { AppError } from '../../../contract/errors.ts';
import type { CutRule } from './boundaries.ts';
import { ChunkCutter } from './chunk-cutter.ts';
import { ChunkEncoder, type EncoderTools } from './chunk-encoder.ts';
import type { ChunkInbox, PlacedChunk } from './chunk-inbox.ts';
import { keyAt, lineCount, type Lines } from './lines.ts';
import type { LineKey } from './line-keys.ts';
import type { PreviousChunk } from './predecessors.ts';

export interface ChunkStorage extends EncoderTools {
  readonly inbox: ChunkInbox;
}

export interface ChunkSequenceOptions {
  readonly rule: CutRule;
  readonly keyOf: LineKey;
  /** The chunks, in key order, of which many lines are expected to come again. */
  readonly previous: readonly PreviousChunk[];
}

/** Cuts lines that come in key order into chunks and stores those that are new. Synchronous. */
export class ChunkSequence {
  readonly #storage: ChunkStorage;
  readonly #keyOf: LineKey;
  readonly #cutter: ChunkCutter;
  readonly #encoder: ChunkEncoder;
  readonly #chunks: PlacedChunk[] = [];

  constructor(storage: ChunkStorage, { rule, keyOf, previous }: ChunkSequenceOptions) {
    this.#storage = storage;
    this.#keyOf = keyOf;
    this.#cutter = new ChunkCutter(rule, storage.seal.boundarySeed);
    this.#encoder = new ChunkEncoder(storage, keyOf, previous);
  }

  /**
   * Adds the line at `[from, to)` of `source`.
   *
   * @throws AppError DISK_FULL, CATALOG_LOCKED, FILE_FAILED
   */
  add(key: string, source: Buffer, from = 0, to = source.length): void {
    if (this.#cutter.wouldOverflow(to - from)) this.#endChunk();
    if (this.#cutter.add(key, source, from, to)) this.#endChunk();
  }

  /** The chunks in order. They are all stored once the inbox is flushed. */
  end(): readonly PlacedChunk[] {
    if (!this.#cutter.isEmpty) this.#endChunk();
    return this.#chunks;
  }

  #endChunk(): void {
    const lines = this.#cutter.take(this.#keyOf);
    checkLines(lines);
    const { seal, inbox } = this.#storage;
    const placed: PlacedChunk = {
      seq: 0,
      id: seal.name(lines.plain),
      firstKey: lines.firstKey,
      count: lineCount(lines),
      bytes: lines.plain.length,
    };
    this.#chunks.push(placed);
    inbox.put(
      placed,
      () => this.#encoder.encode(placed.id, lines),
      () => this.#encoder.encodeWhole(placed.id, lines),
    );
  }
}

/** What would make a snapshot unreadable later is a defect of whoever made the lines, and must not be stored. */
function checkLines(lines: Lines & { readonly firstKey: string }): void {
  const { plain, starts, firstKey } = lines;
  let count = 0;
  for (let at = plain.indexOf(0x0a); at !== -1; at = plain.indexOf(0x0a, at + 1)) count++;
  if (count !== starts.length - 1) throw new AppError('INTERNAL', 'A record’s line holds a line break.');
  if (keyAt(lines, 0) !== firstKey)
    throw new AppError('INTERNAL', 'A record’s key is not the one its line says.');
}
