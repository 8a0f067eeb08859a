import { compareKeys } from '../model/key-order.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { inOwnMemory } from './own-memory.ts';

const LINE_BREAK = 0x0a;
/** Bytes compared in one call; within those that differ, the place is narrowed down. */
const WINDOW = 4_096;
const NARROW = 32;

/** The key of the line at `[start, end)` of a text, the break not counted. */
export type LineKey = (text: Buffer, start: number, end: number) => string;

/** The records of two texts that the other one does not have to the byte, each side in key order. */
export interface DifferingLines {
  readonly left: readonly CanonicalRecord[];
  readonly right: readonly CanonicalRecord[];
}

/**
 * Tells apart two texts of lines in key order, each line with its break and no key twice. What both have in common is
 * passed over as bytes, many lines at a time: of a chunk in which a line or two changed, only these are looked at. The
 * lines found are copies: the texts may be overwritten.
 */
export function differingLines(left: Buffer, right: Buffer, keyOf: LineKey): DifferingLines {
  const ofLeft: CanonicalRecord[] = [];
  const ofRight: CanonicalRecord[] = [];
  const a = new LineWalk(left, keyOf);
  const b = new LineWalk(right, keyOf);
  for (;;) {
    const common = commonPrefix(left, a.start, right, b.start);
    a.skipLines(common);
    b.skipLines(common);
    if (a.done || b.done) break;
    const order = compareKeys(a.key, b.key);
    if (order <= 0) ofLeft.push(a.take());
    if (order >= 0) ofRight.push(b.take());
  }
  while (!a.done) ofLeft.push(a.take());
  while (!b.done) ofRight.push(b.take());
  return { left: detached(ofLeft), right: detached(ofRight) };
}

/** A place in a text: the beginning of a line. */
class LineWalk {
  readonly #text: Buffer;
  readonly #keyOf: LineKey;
  start = 0;
  #end = -1;
  #key: string | undefined;

  constructor(text: Buffer, keyOf: LineKey) {
    this.#text = text;
    this.#keyOf = keyOf;
  }

  get done(): boolean {
    return this.start >= this.#text.length;
  }

  /** Of the line here; read once, however many lines of the other text come before it. */
  get key(): string {
    return (this.#key ??= this.#keyOf(this.#text, this.start, this.#lineEnd()));
  }

  take(): CanonicalRecord {
    const record = { key: this.key, line: this.#text.subarray(this.start, this.#lineEnd()) };
    this.#moveTo(this.#end + 1);
    return record;
  }

  /** Passes over the lines that lie wholly within the next so many bytes. */
  skipLines(bytes: number): void {
    if (bytes === 0) return;
    const next = this.#text.lastIndexOf(LINE_BREAK, this.start + bytes - 1) + 1;
    if (next > this.start) this.#moveTo(next);
  }

  #lineEnd(): number {
    if (this.#end < this.start) this.#end = this.#text.indexOf(LINE_BREAK, this.start);
    return this.#end;
  }

  #moveTo(start: number): void {
    this.start = start;
    this.#key = undefined;
  }
}

function commonPrefix(a: Buffer, from: number, b: Buffer, at: number): number {
  const length = Math.min(a.length - from, b.length - at);
  const same = (done: number, more: number): boolean =>
    a.compare(b, at + done, at + done + more, from + done, from + done + more) === 0;
  let done = 0;
  while (done + WINDOW <= length && same(done, WINDOW)) done += WINDOW;
  for (let more = WINDOW / 2; more >= NARROW; more /= 2)
    if (done + more <= length && same(done, more)) done += more;
  while (done < length && a[from + done] === b[at + done]) done++;
  return done;
}

function detached(records: readonly CanonicalRecord[]): readonly CanonicalRecord[] {
  const lines = inOwnMemory(records.map(({ line }) => line));
  return records.map(({ key }, i) => ({ key, line: lines[i]! }));
}
