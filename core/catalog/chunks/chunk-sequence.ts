import { AppError } from '../../../contract/errors.ts';
import type { Seal } from '../seal.ts';
import type { CutRule } from './boundaries.ts';
import { encodeDelta, encodeWhole } from './chunk-codec.ts';
import { ChunkCutter } from './chunk-cutter.ts';
import type { ChunkInbox, PlacedChunk } from './chunk-inbox.ts';
import { chunkBinding, MAX_DEPTH, type ChunkReader } from './chunk-reader.ts';
import type { ChunkTable, NewChunk } from './chunk-table.ts';
import { whole } from './damage.ts';
import { copiedFrom, diffLines } from './line-delta.ts';
import { keyAt, lineCount, splitLines, type Lines } from './lines.ts';
import type { LineKey } from './line-keys.ts';
import { Predecessors, type PreviousChunk } from './predecessors.ts';

/** Less than this copied from a base does not pay for reading it each time. In bytes. */
const WORTH_A_BASE = 2048;
/** A delta larger than this part of the whole ends the chain: it saves little, and every reader pays for it. */
const WORTH_A_DELTA = 0.75;
/** After so many predecessors in a row that were of no use, only every so manieth is looked at. */
const PATIENCE = 8;
/** Changes beyond this part of the text are compressed both ways to see which is smaller. */
const DOUBTFUL = 0.4;

export interface ChunkSequenceOptions {
  readonly rule: CutRule;
  readonly keyOf: LineKey;
  /** The chunks, in key order, of which many lines are expected to come again. */
  readonly previous: readonly PreviousChunk[];
}

export interface ChunkStorage {
  readonly table: ChunkTable;
  readonly reader: ChunkReader;
  readonly inbox: ChunkInbox;
  readonly seal: Seal;
}

/** Cuts lines that come in key order into chunks and stores those that are new. Synchronous. */
export class ChunkSequence {
  readonly #storage: ChunkStorage;
  readonly #options: ChunkSequenceOptions;
  readonly #cutter: ChunkCutter;
  readonly #predecessors: Predecessors;
  readonly #chunks: PlacedChunk[] = [];
  #disappointed = 0;

  constructor(storage: ChunkStorage, options: ChunkSequenceOptions) {
    this.#storage = storage;
    this.#options = options;
    this.#cutter = new ChunkCutter(options.rule, storage.seal.boundarySeed);
    this.#predecessors = new Predecessors(options.previous);
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
    const lines = this.#cutter.take(this.#options.keyOf);
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
    inbox.put(placed, () => this.#encode(placed.id, lines));
  }

  #encode(id: string, lines: Lines): Omit<NewChunk, 'id'> {
    const { seal } = this.#storage;
    const promising = this.#disappointed < PATIENCE || this.#chunks.length % PATIENCE === 0;
    if (promising) {
      const bases = this.#predecessors.of(keyAt(lines, 0), keyAt(lines, lineCount(lines) - 1));
      const encoded = this.#encodeAgainst(bases, id, lines);
      this.#disappointed = encoded && encoded.depth > 0 ? 0 : this.#disappointed + 1;
      if (encoded) return encoded;
    }
    const sealed = seal.seal(encodeWhole(lines.plain), chunkBinding(id, []));
    return { depth: 0, bases: [], sealed };
  }

  #encodeAgainst(bases: readonly number[], id: string, lines: Lines): Omit<NewChunk, 'id'> | undefined {
    const { table, reader, seal } = this.#storage;
    const places = bases.map((base) => table.place(base)).filter((place) => place !== undefined);
    const depth = 1 + Math.max(-1, ...places.map((place) => place.depth));
    if (places.length === 0 || places.length < bases.length || depth > MAX_DEPTH) return undefined;

    // A new snapshot must not fail because an old one is damaged: then it does without it.
    const texts = whole(() => bases.map((base) => reader.plain(base))).value;
    if (!texts) return undefined;
    const old = texts.length === 1 ? texts[0]! : Buffer.concat(texts);
    const delta = diffLines(splitLines(old, this.#options.keyOf), lines);
    let start = 0;
    const useful = bases.filter((_base, i) => {
      const end = start + texts[i]!.length;
      const copied = copiedFrom(delta.steps, start, end);
      start = end;
      return copied >= WORTH_A_BASE || 2 * copied > lines.plain.length;
    });
    if (useful.length < bases.length) return this.#encodeAgainst(useful, id, lines);

    const encoded = encodeDelta(old, delta, lines.plain.length);
    if (delta.inserted.length > DOUBTFUL * lines.plain.length) {
      const complete = encodeWhole(lines.plain);
      if (encoded.length > WORTH_A_DELTA * complete.length)
        return { depth: 0, bases: [], sealed: seal.seal(complete, chunkBinding(id, [])) };
    }
    const binding = chunkBinding(
      id,
      places.map((place) => place.id),
    );
    return { depth, bases, sealed: seal.seal(encoded, binding) };
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
