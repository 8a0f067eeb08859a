import { throwIfAborted } from '../../contract/errors.ts';
import { recordCount, type SectionSide } from '../compare/section-side.ts';
import { fingerprint, hash1, hash2 } from './fingerprint.ts';
import { visitFolds, type FoldOf } from './folds.ts';

/** 16 MB of fingerprints; so many users fill them to three quarters. */
const MOST_PLACES = 2 ** 22;
const CHUNKS_BETWEEN_PAUSES = 16;

type Side = SectionSide & { readonly lines: NonNullable<SectionSide['lines']> };

/**
 * Which e-mail addresses, or names, the users of a side have, seen without upper and lower case: by fingerprints of 31
 * bits and their place. Never wrong about one that is there. Filled from what is read of the side for other reasons,
 * and from the rest of it where that is asked for.
 */
export class FoldIndex {
  readonly #of: FoldOf;
  readonly #side: Side;
  readonly #places: Uint32Array;
  readonly #seen = new Set<string>();

  private constructor(of: FoldOf, side: Side, size: number) {
    this.#of = of;
    this.#side = side;
    this.#places = new Uint32Array(size);
  }

  /** @returns undefined where the side has more users than can be remembered, or cannot be read as lines */
  static of(of: FoldOf, side: SectionSide): FoldIndex | undefined {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, recordCount(side) * (4 / 3))));
    return size <= MOST_PLACES && side.lines ? new FoldIndex(of, side as Side, size) : undefined;
  }

  /** Takes in a chunk of the side; one that came already is passed over. */
  see(chunk: SectionSide['chunks'][number], text: Buffer): void {
    if (this.#seen.has(chunk.id)) return;
    this.#seen.add(chunk.id);
    visitFolds(this.#of, text, () => this.#add());
  }

  /** Reads what was not seen yet. @throws AppError CANCELED; what reading a chunk throws */
  async complete(signal?: AbortSignal): Promise<void> {
    let read = 0;
    for (const chunk of this.#side.chunks) {
      if (this.#seen.has(chunk.id)) continue;
      throwIfAborted(signal);
      this.see(chunk, this.#side.lines.read(chunk));
      // Chunks are often read without waiting: let timers and signals in, or a cancel would never arrive.
      if (++read % CHUNKS_BETWEEN_PAUSES === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Whether a user may have this text, folded already. To be asked when it is complete. */
  mayHave(fold: string): boolean {
    fingerprint(fold);
    return this.#places[this.#place()] !== 0;
  }

  #add(): void {
    this.#places[this.#place()] = hash2;
  }

  /** Where the last fingerprint is, or would be put. */
  #place(): number {
    const mask = this.#places.length - 1;
    let place = hash1 & mask;
    for (; this.#places[place] !== 0 && this.#places[place] !== hash2;) place = (place + 1) & mask;
    return place;
  }
}
