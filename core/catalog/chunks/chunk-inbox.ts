import type { ChunkTable, NewChunk } from './chunk-table.ts';
import type { SoundChunks } from './sound-chunks.ts';

/** A chunk that one snapshot consists of; `seq` is 0 until it is stored. */
export interface PlacedChunk {
  seq: number;
  /** Hex. (A Buffer of 32 bytes would keep the 64 KB of memory alive that Node cut it from.) */
  readonly id: string;
  readonly firstKey: string;
  readonly count: number;
  readonly bytes: number;
}

/** So much sealed data goes into one transaction: large enough to amortise its sync to disk, small enough to be short. */
const BATCH_BYTES = 4 << 20;

/** Collects the chunks that one writer has to store, and stores them in short transactions. */
export class ChunkInbox {
  readonly #table: ChunkTable;
  readonly #sound: SoundChunks;
  readonly #writer: string;
  readonly #waiting = new Map<string, { chunk: NewChunk; placed: PlacedChunk[] }>();
  #bytes = 0;

  constructor(table: ChunkTable, sound: SoundChunks, writer: string) {
    this.#table = table;
    this.#sound = sound;
    this.#writer = writer;
  }

  /**
   * Sees to it that the chunk is stored, now or soon: `encode` is called only when it is not there yet. One that is there
   * but damaged is stored anew in its place, which heals every snapshot that shares it.
   *
   * @param encodeWhole stored without a base: what it was built on may be what is damaged, or be built on it
   * @throws AppError DISK_FULL, CATALOG_LOCKED, CATALOG_DAMAGED, FILE_FAILED
   */
  put(placed: PlacedChunk, encode: () => Omit<NewChunk, 'id'>, encodeWhole: () => Buffer): void {
    const waiting = this.#waiting.get(placed.id);
    if (waiting) {
      waiting.placed.push(placed);
      return;
    }
    const stored = this.#table.seqOf(placed.id, this.#writer);
    if (stored !== undefined) {
      placed.seq = stored;
      if (this.#sound.has(stored)) return;
      this.#table.replace(stored, encodeWhole());
      this.#sound.healed(stored);
      return;
    }
    const chunk = { id: placed.id, ...encode() };
    this.#waiting.set(placed.id, { chunk, placed: [placed] });
    this.#bytes += chunk.sealed.length;
    if (this.#bytes >= BATCH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#waiting.size === 0) return;
    const entries = [...this.#waiting.values()];
    const seqs = this.#table.store(
      this.#writer,
      entries.map((entry) => entry.chunk),
    );
    for (const [i, entry] of entries.entries()) for (const placed of entry.placed) placed.seq = seqs[i]!;
    this.#waiting.clear();
    this.#bytes = 0;
  }
}
