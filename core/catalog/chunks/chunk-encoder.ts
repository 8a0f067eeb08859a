import type { Seal } from '../seal.ts';
import { chooseBases } from './base-choice.ts';
import { hashKey } from './boundaries.ts';
import { encodeDelta, encodeWhole } from './chunk-codec.ts';
import { chunkBinding, type ChunkReader } from './chunk-reader.ts';
import type { ChunkTable, NewChunk } from './chunk-table.ts';
import { whole } from './damage.ts';
import { copiedFrom, diffLines } from './line-delta.ts';
import { keyAt, lineCount, splitLines, type Lines } from './lines.ts';
import type { LineKey } from './line-keys.ts';
import { Predecessors, type PreviousChunk } from './predecessors.ts';

/** The longest way from a chunk to one stored whole: each step costs every reader one more chunk. */
const MAX_DEPTH = 8;
/** Chains end up to so many steps earlier, each at its own, lest a change of everything makes all begin anew at once. */
const DEPTH_SPREAD = 4;
/** Less than this copied from a base does not pay for reading it each time. In bytes. */
const WORTH_A_BASE = 2048;
/** A delta larger than this part of the whole ends the chain: it saves little, and every reader pays for it. */
const WORTH_A_DELTA = 0.75;
/** Changes beyond this part of the text are compressed both ways to see which is smaller. */
const DOUBTFUL = 0.4;
/** After so many predecessors in a row that were of no use, only every so manieth is looked at. */
const PATIENCE = 8;

export interface EncoderTools {
  readonly table: ChunkTable;
  readonly reader: ChunkReader;
  readonly seal: Seal;
}

type StoredForm = Omit<NewChunk, 'id'>;

/** Decides how chunks that come in key order are stored: whole, or as changes against earlier ones, whichever is smaller. */
export class ChunkEncoder {
  readonly #tools: EncoderTools;
  readonly #keyOf: LineKey;
  readonly #predecessors: Predecessors;
  #disappointments = 0;
  #encoded = 0;

  /** @param previous the chunks, in key order, of which many lines are expected to come again */
  constructor(tools: EncoderTools, keyOf: LineKey, previous: readonly PreviousChunk[]) {
    this.#tools = tools;
    this.#keyOf = keyOf;
    this.#predecessors = new Predecessors(previous);
  }

  encode(id: string, lines: Lines): StoredForm {
    const isPromising = this.#disappointments < PATIENCE || this.#encoded % PATIENCE === 0;
    this.#encoded++;
    const form = (isPromising && this.#asChanges(id, lines)) || this.#whole(id, encodeWhole(lines.plain));
    this.#disappointments = form.depth > 0 ? 0 : this.#disappointments + 1;
    return form;
  }

  /** What is stored of a chunk that stands on no other. */
  encodeWhole(id: string, lines: Lines): Buffer {
    return this.#whole(id, encodeWhole(lines.plain)).sealed;
  }

  #asChanges(id: string, lines: Lines): StoredForm | undefined {
    const { table, seal } = this.#tools;
    const firstKey = keyAt(lines, 0);
    const predecessors = this.#predecessors.of(firstKey, keyAt(lines, lineCount(lines) - 1));
    const maxDepth = MAX_DEPTH - (hashKey(firstKey, seal.boundarySeed) % DEPTH_SPREAD);
    return this.#against(
      chooseBases(predecessors, maxDepth - 1, (seq) => table.place(seq)),
      id,
      lines,
    );
  }

  #against(bases: readonly number[], id: string, lines: Lines): StoredForm | undefined {
    const { table, reader, seal } = this.#tools;
    // A new snapshot must not fail because an old one is damaged: then it does without it.
    const texts = whole(() => bases.map((base) => reader.passing(base))).value;
    const places = bases.map((base) => table.place(base)).filter((place) => place !== undefined);
    if (!texts || texts.length === 0 || places.length < bases.length) return undefined;

    const old = texts.length === 1 ? texts[0]! : Buffer.concat(texts);
    const delta = diffLines(splitLines(old, this.#keyOf), lines);
    let start = 0;
    const useful = bases.filter((_base, i) => {
      const end = start + texts[i]!.length;
      const copied = copiedFrom(delta.steps, start, end);
      start = end;
      return copied >= WORTH_A_BASE || 2 * copied > lines.plain.length;
    });
    if (useful.length < bases.length) return this.#against(useful, id, lines);

    const changes = encodeDelta(old, delta, lines.plain.length);
    if (delta.inserted.length > DOUBTFUL * lines.plain.length) {
      const complete = encodeWhole(lines.plain);
      if (changes.length > WORTH_A_DELTA * complete.length) return this.#whole(id, complete);
    }
    const depth = 1 + Math.max(...places.map((place) => place.depth));
    const baseIds = places.map((place) => place.id);
    return { depth, bases, sealed: seal.seal(changes, chunkBinding(id, baseIds)) };
  }

  #whole(id: string, payload: Buffer): StoredForm {
    return { depth: 0, bases: [], sealed: this.#tools.seal.seal(payload, chunkBinding(id, [])) };
  }
}
