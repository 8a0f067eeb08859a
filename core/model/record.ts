import type { Section } from './sections.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [member: string]: JsonValue };
export type JsonObject = { [member: string]: JsonValue };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * One record of a section as everything downstream handles it: its natural key and its canonical line (UTF-8 JSON, no
 * line break inside or at the end). Lines are bytes, not strings, because they are hashed, stored and compared as bytes.
 */
export interface CanonicalRecord {
  readonly key: string;
  readonly line: Buffer;
}

/**
 * One whose line lies in a larger buffer. A `Buffer` of its own for each of a million lines would be most of what a backup
 * leaves to the garbage collector: who only copies the bytes takes them from where they lie.
 */
export class RecordWithin implements CanonicalRecord {
  readonly key: string;
  readonly source: Buffer;
  readonly from: number;
  readonly to: number;

  constructor(key: string, source: Buffer, from: number, to: number) {
    this.key = key;
    this.source = source;
    this.from = from;
    this.to = to;
  }

  get line(): Buffer {
    return this.source.subarray(this.from, this.to);
  }
}

/** Records travel in bounded batches: an async step a record would cost more than the work on it. */
export interface SectionBatch {
  readonly section: Section;
  readonly records: readonly CanonicalRecord[];
  /** All batches of this section together come in the order of their keys' bytes. */
  readonly ordered?: true;
}

/** Sets a member whatever its name: a plain assignment to `__proto__` would set the prototype and lose the member. */
export function setMember(object: JsonObject, name: string, value: JsonValue): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}
