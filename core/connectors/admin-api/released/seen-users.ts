import { hash } from 'node:crypto';
import { DigestSet } from './digest-set.ts';

const ID_WORDS = 4;
/** 64 bits: among a million names, two have the same once in 37 million captures. */
const NAME_WORDS = 2;
/** More readings than this are never made. */
const MOST_READINGS = 255;
const FIRST_MARKS = 1_024;

/**
 * Which users a capture has seen, and in which reading last: about 45 bytes a user (16 of the id, 8 of a hash of the
 * name, 1 of the reading, the rest indexes), whatever else they are; 45 MB for a million.
 */
export class SeenUsers {
  readonly #ids = new DigestSet(ID_WORDS);
  readonly #names = new DigestSet(NAME_WORDS);
  /** By number of the id. */
  #readings = new Uint8Array(FIRST_MARKS);
  #reading = 1;
  #inReading = 0;

  /** Distinct ids of all readings. */
  get size(): number {
    return this.#ids.size;
  }

  /** Distinct ids of the current reading. */
  get inReading(): number {
    return this.#inReading;
  }

  nextReading(): void {
    this.#reading = Math.min(this.#reading + 1, MOST_READINGS);
    this.#inReading = 0;
  }

  /**
   * @param id a UUID
   * @returns `again`: the id was seen; `namesake`: another id has the name
   */
  see(id: string, name: string): 'new' | 'again' | 'namesake' {
    const known = this.#ids.size;
    const number = this.#ids.add(wordsOf(Buffer.from(id.replaceAll('-', ''), 'hex')));
    if (number < known) {
      if (this.#readings[number] !== this.#reading) this.#inReading++;
      this.#readings[number] = this.#reading;
      return 'again';
    }
    this.#inReading++;
    this.#mark(number);
    const names = this.#names.size;
    const digest = hash('sha256', name, 'buffer').subarray(0, NAME_WORDS * 4);
    return this.#names.add(wordsOf(digest)) < names ? 'namesake' : 'new';
  }

  /** Ids of earlier readings that the current one did not have, one more than `most` at most. */
  notInReading(most: number): string[] {
    const ids: string[] = [];
    for (let number = 0; number < this.#ids.size && ids.length <= most; number++)
      if (this.#readings[number] !== this.#reading) ids.push(uuidOf(this.#ids.at(number)));
    return ids;
  }

  #mark(number: number): void {
    if (number >= this.#readings.length) {
      const longer = new Uint8Array(this.#readings.length * 2);
      longer.set(this.#readings);
      this.#readings = longer;
    }
    this.#readings[number] = this.#reading;
  }
}

function wordsOf(bytes: Buffer): Uint32Array {
  const words = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < words.length; i++) words[i] = bytes.readUInt32BE(i * 4);
  return words;
}

function uuidOf(words: Uint32Array): string {
  const hex = Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
