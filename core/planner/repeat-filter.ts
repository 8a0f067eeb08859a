import { fingerprint, hash1, hash2 } from './fingerprint.ts';

/** Remembers texts and tells which came at least twice: never wrong about one that did. */
export interface RepeatFilter {
  /** No text was added at all. */
  readonly isEmpty: boolean;
  /** No text came twice, for certain. */
  readonly hasNone: boolean;
  add(text: string): void;
  /** `add` of the text whose fingerprint was taken last. */
  addLast(): void;
  /** Marks a text as repeated if it was added, without adding it. */
  meet(text: string): void;
  mayRepeat(text: string): boolean;
}

/** 16 MB of fingerprints; so many texts fill them to three quarters. */
const MOST_FINGERPRINTS = 2 ** 21;

/**
 * So that what can be in nobody's way need not be sorted, in bounded memory. Up to 1.5 million texts are remembered by
 * fingerprints of 64 bits, beyond that by one bit each of 67 million: then some texts are taken for repeated that are not.
 *
 * @param expected how many texts there are at most
 */
export function repeatFilter(expected: number): RepeatFilter {
  return expected * (4 / 3) <= MOST_FINGERPRINTS ? new FingerprintFilter(expected) : new BitFilter();
}

class FingerprintFilter implements RepeatFilter {
  /** Two words a place; zeros: none. */
  readonly #places: Uint32Array;
  readonly #repeated: Uint8Array;
  readonly #mask: number;
  isEmpty = true;
  hasNone = true;

  constructor(expected: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, expected * (4 / 3))));
    this.#places = new Uint32Array(2 * size);
    this.#repeated = new Uint8Array(size);
    this.#mask = size - 1;
  }

  add(text: string): void {
    fingerprint(text);
    this.addLast();
  }

  addLast(): void {
    this.isEmpty = false;
    const place = this.#place();
    if (place >= 0) this.#mark(place);
    else {
      this.#places[2 * ~place] = hash1;
      this.#places[2 * ~place + 1] = hash2;
    }
  }

  meet(text: string): void {
    const place = this.#placeOf(text);
    if (place >= 0) this.#mark(place);
  }

  mayRepeat(text: string): boolean {
    const place = this.#placeOf(text);
    return place >= 0 && this.#repeated[place] === 1;
  }

  /** Where the text is, or the complement of the place where it would be put. */
  #placeOf(text: string): number {
    fingerprint(text);
    return this.#place();
  }

  #place(): number {
    for (let place = hash1 & this.#mask; ; place = (place + 1) & this.#mask) {
      const first = this.#places[2 * place]!;
      const second = this.#places[2 * place + 1]!;
      if (first === 0 && second === 0) return ~place;
      if (first === hash1 && second === hash2) return place;
    }
  }

  #mark(place: number): void {
    this.#repeated[place] = 1;
    this.hasNone = false;
  }
}

class BitFilter implements RepeatFilter {
  readonly #seen = new Uint32Array(2 ** 21);
  readonly #repeated = new Uint32Array(2 ** 21);
  isEmpty = true;
  hasNone = true;

  add(text: string): void {
    fingerprint(text);
    this.addLast();
  }

  addLast(): void {
    this.isEmpty = false;
    const bit = lastBit();
    this.#mark(bit);
    this.#seen[bit >>> 5]! |= 1 << (bit & 31);
  }

  meet(text: string): void {
    fingerprint(text);
    this.#mark(lastBit());
  }

  mayRepeat(text: string): boolean {
    fingerprint(text);
    return isSet(this.#repeated, lastBit());
  }

  #mark(bit: number): void {
    if (!isSet(this.#seen, bit)) return;
    this.#repeated[bit >>> 5]! |= 1 << (bit & 31);
    this.hasNone = false;
  }
}

function lastBit(): number {
  return hash1 >>> 6;
}

function isSet(map: Uint32Array, bit: number): boolean {
  return (map[bit >>> 5]! & (1 << (bit & 31))) !== 0;
}
