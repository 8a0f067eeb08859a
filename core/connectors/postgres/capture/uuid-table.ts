/** Fuller than this a table grows: linear probing then still looks at some three places. */
const MOST_FILLED = 0.8;
const FIRST_CAPACITY = 1 << 10;
/** A place's words: its value, 0 where it is free, and the four of the id; together, as memory is what this waits for. */
const WORDS = 5;

/**
 * A number (from 1) for each of many UUIDs, in 20 bytes a place: open addressing in typed arrays. Ids come as 16 bytes
 * within some buffer, so no string and no object is made of one.
 */
export class UuidTable {
  #capacity = FIRST_CAPACITY;
  #places = new Uint32Array(WORDS * FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The place of an id, or the free one that would be its own; valid until the next `set`. */
  place(bytes: Uint8Array, at: number): number {
    const a = word(bytes, at);
    const b = word(bytes, at + 4);
    const c = word(bytes, at + 8);
    const d = word(bytes, at + 12);
    const places = this.#places;
    const mask = this.#capacity - 1;
    for (let place = hash(a, b, c, d) & mask; ; place = (place + 1) & mask) {
      const from = WORDS * place;
      if (places[from] === 0) return place;
      if (
        places[from + 1] === a &&
        places[from + 2] === b &&
        places[from + 3] === c &&
        places[from + 4] === d
      )
        return place;
    }
  }

  /** @returns 0 where the place is free */
  valueAt(place: number): number {
    return this.#places[WORDS * place]!;
  }

  /** @param place as `place` gave it for this id */
  set(place: number, bytes: Uint8Array, at: number, value: number): void {
    const from = WORDS * place;
    if (this.#places[from] === 0) {
      for (let i = 0; i < 4; i++) this.#places[from + 1 + i] = word(bytes, at + 4 * i);
      this.#size++;
    }
    this.#places[from] = value;
    if (this.#size > MOST_FILLED * this.#capacity) this.#grow();
  }

  /** Of an id that is there. */
  change(place: number, value: number): void {
    this.#places[WORDS * place] = value;
  }

  /** All entries, in no order. */
  forEach(each: (value: number, place: number) => void): void {
    for (let place = 0; place < this.#capacity; place++) {
      const value = this.#places[WORDS * place]!;
      if (value !== 0) each(value, place);
    }
  }

  /** The id at a place, as people read it. */
  idAt(place: number): string {
    const words = [...this.#places.subarray(WORDS * place + 1, WORDS * (place + 1))];
    return uuidText(Buffer.from(words.map((one) => one.toString(16).padStart(8, '0')).join(''), 'hex'), 0);
  }

  #grow(): void {
    const old = this.#places;
    this.#capacity *= 2;
    const places = new Uint32Array(WORDS * this.#capacity);
    const mask = this.#capacity - 1;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from] === 0) continue;
      let place = hash(old[from + 1]!, old[from + 2]!, old[from + 3]!, old[from + 4]!) & mask;
      while (places[WORDS * place] !== 0) place = (place + 1) & mask;
      for (let i = 0; i < WORDS; i++) places[WORDS * place + i] = old[from + i]!;
    }
    this.#places = places;
  }
}

/** The id in the form that people read. */
export function uuidText(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Ids need not be random: newer ones begin with the time. */
function hash(a: number, b: number, c: number, d: number): number {
  let mixed = a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
