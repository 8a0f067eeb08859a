/** Fuller than this a table grows: linear probing then still looks at some three places. */
const MOST_FILLED = 0.8;
const FIRST_CAPACITY = 1 << 10;

/**
 * A number (from 1) for each of many UUIDs, in 20 bytes a place: open addressing in typed arrays. Ids come as 16 bytes
 * within some buffer, so no string and no object is made of one.
 */
export class UuidTable {
  #capacity = FIRST_CAPACITY;
  /** Four words a place. */
  #ids = new Uint32Array(4 * FIRST_CAPACITY);
  /** 0 where the place is free. */
  #values = new Uint32Array(FIRST_CAPACITY);
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
    const ids = this.#ids;
    const mask = this.#capacity - 1;
    for (let place = hash(a, b, c, d) & mask; ; place = (place + 1) & mask) {
      if (this.#values[place] === 0) return place;
      const at = 4 * place;
      if (ids[at] === a && ids[at + 1] === b && ids[at + 2] === c && ids[at + 3] === d) return place;
    }
  }

  /** @returns 0 where the place is free */
  valueAt(place: number): number {
    return this.#values[place]!;
  }

  /** @param place as `place` gave it for this id */
  set(place: number, bytes: Uint8Array, at: number, value: number): void {
    if (this.#values[place] === 0) {
      for (let i = 0; i < 4; i++) this.#ids[4 * place + i] = word(bytes, at + 4 * i);
      this.#size++;
    }
    this.#values[place] = value;
    if (this.#size > MOST_FILLED * this.#capacity) this.#grow();
  }

  /** Of an id that is there. */
  change(place: number, value: number): void {
    this.#values[place] = value;
  }

  /** All entries, in no order; the id as text. */
  *entries(): Generator<{ readonly value: number; readonly id: () => string }> {
    for (let place = 0; place < this.#capacity; place++) {
      const value = this.#values[place]!;
      if (value !== 0) yield { value, id: () => this.#text(place) };
    }
  }

  #text(place: number): string {
    const words = this.#ids.subarray(4 * place, 4 * place + 4);
    return uuidText(Buffer.from([...words].map((w) => w.toString(16).padStart(8, '0')).join(''), 'hex'), 0);
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    this.#capacity *= 2;
    this.#ids = new Uint32Array(4 * this.#capacity);
    this.#values = new Uint32Array(this.#capacity);
    const mask = this.#capacity - 1;
    for (let from = 0; from < values.length; from++) {
      if (values[from] === 0) continue;
      const at = 4 * from;
      let place = hash(ids[at]!, ids[at + 1]!, ids[at + 2]!, ids[at + 3]!) & mask;
      while (this.#values[place] !== 0) place = (place + 1) & mask;
      for (let i = 0; i < 4; i++) this.#ids[4 * place + i] = ids[at + i]!;
      this.#values[place] = values[from]!;
    }
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
